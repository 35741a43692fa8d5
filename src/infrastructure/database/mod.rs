//! The database that the settings name, behind its ports.

use std::{io, os::unix::fs::DirBuilderExt, sync::Arc};

use crate::{
    adapters::gateways::{
        mongo,
        sqlite::{self, Sqlite, SqliteOptions},
    },
    config::database::{DatabaseConfig, DatabaseUrl},
    domain::interfaces::{
        change_feed::ChangeFeed, conversation_repository::ConversationRepository, health::Health,
        message_repository::MessageRepository, session_repository::SessionRepository,
        user_repository::UserRepository,
    },
};

/// Why the database cannot be used: one sentence with the cause and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    #[error(transparent)]
    Mongo(#[from] mongo::OpenError),
    #[error("the data directory {path} cannot be made ({cause}): choose another one with DATA_DIR")]
    DataDirectory { path: String, cause: io::Error },
}

/// An open database.
pub struct Storage {
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub health: Arc<dyn Health>,
    pub connection: Connection,
}

/// What has to be closed in the end.
#[derive(Clone)]
pub enum Connection {
    Sqlite(Sqlite),
}

impl Storage {
    /// Opens the database. What it tells comes out of the feed.
    ///
    /// # Errors
    /// See [`StorageError`]; nothing was changed.
    pub async fn open(config: &DatabaseConfig) -> Result<(Self, Box<dyn ChangeFeed>), StorageError> {
        // Nobody else's business.
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data_dir);
        made.map_err(|cause| StorageError::DataDirectory {
            path: config.data_dir.display().to_string(),
            cause,
        })?;
        match config.url() {
            DatabaseUrl::Sqlite(file) => {
                let (sqlite, feed) = Sqlite::open(&file, SqliteOptions::default())?;
                tracing::info!(file = %file.display(), "the embedded database is open");
                Ok((Self::of_sqlite(sqlite), Box::new(feed)))
            }
            DatabaseUrl::Mongo(_) => Err(mongo::OpenError::Other("not yet".to_owned()).into()),
        }
    }

    fn of_sqlite(sqlite: Sqlite) -> Self {
        Self {
            users: Arc::new(sqlite.users()),
            sessions: Arc::new(sqlite.sessions()),
            conversations: Arc::new(sqlite.conversations()),
            messages: Arc::new(sqlite.messages()),
            health: Arc::new(sqlite.health()),
            connection: Connection::Sqlite(sqlite),
        }
    }
}

impl Connection {
    /// Finishes what is under way and ends the feed.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
        }
    }
}
