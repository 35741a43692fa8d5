//! The database that the settings name, behind its ports.

mod preparation;

use std::{io, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

use crate::{
    adapters::gateways::{
        mongo::{self, Mongo},
        sqlite::{self, Sqlite, SqliteOptions},
    },
    config::database::{DatabaseConfig, DatabaseUrl},
    domain::interfaces::{
        account_repository::AccountRepository, attachment_repository::AttachmentRepository,
        change_feed::ChangeFeed, conversation_repository::ConversationRepository, health::Health,
        invite_repository::InviteRepository, message_repository::MessageRepository,
        session_repository::SessionRepository, user_repository::UserRepository,
    },
};

pub use preparation::Preparation;

/// Why the database cannot be used: one sentence with the cause and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    #[error(transparent)]
    Mongo(#[from] mongo::OpenError),
    #[error("DATABASE_URL must be sqlite://<file> or mongodb://<host>/<database>")]
    Unknown,
    #[error("the database was not made ready: {0}")]
    Unfinished(String),
    #[error("the data directory {path} cannot be made ({cause}): choose another one with DATA_DIR")]
    DataDirectory { path: String, cause: io::Error },
}

impl StorageError {
    /// Whether waiting can help.
    pub const fn passes(&self) -> bool {
        match self {
            Self::Mongo(error) => error.passes(),
            Self::Sqlite(_) | Self::Unknown | Self::Unfinished(_) | Self::DataDirectory { .. } => false,
        }
    }
}

/// An open database.
pub struct Storage {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub attachments: Arc<dyn AttachmentRepository>,
    pub invites: Arc<dyn InviteRepository>,
    pub health: Arc<dyn Health>,
    pub connection: Connection,
}

/// What has to be made ready in the beginning and closed in the end.
#[derive(Clone)]
pub enum Connection {
    Sqlite(Sqlite),
    Mongo(Mongo),
}

impl Storage {
    /// Opens the database, or reads where it is: a server is not asked for anything before
    /// [`Connection::prepare`]. What it tells comes out of the feed.
    ///
    /// # Errors
    /// See [`StorageError`]; nothing was changed.
    pub async fn open(config: &DatabaseConfig) -> Result<(Self, Box<dyn ChangeFeed>), StorageError> {
        match config.url() {
            DatabaseUrl::Sqlite(file) => {
                make_data_dir(&config.data_dir)?;
                let (sqlite, feed) = Sqlite::open(&file, SqliteOptions::default())?;
                tracing::debug!(file = %file.display(), "the embedded database is open");
                Ok((Self::of_sqlite(sqlite), Box::new(feed)))
            }
            DatabaseUrl::Unknown => Err(StorageError::Unknown),
            DatabaseUrl::Mongo(url) => {
                let (mongo, feed) = Mongo::open(&url)?;
                Ok((Self::of_mongo(mongo), Box::new(feed)))
            }
        }
    }

    fn of_sqlite(sqlite: Sqlite) -> Self {
        Self {
            users: Arc::new(sqlite.users()),
            accounts: Arc::new(sqlite.accounts()),
            sessions: Arc::new(sqlite.sessions()),
            conversations: Arc::new(sqlite.conversations()),
            messages: Arc::new(sqlite.messages()),
            attachments: Arc::new(sqlite.attachments()),
            invites: Arc::new(sqlite.invites()),
            health: Arc::new(sqlite.health()),
            connection: Connection::Sqlite(sqlite),
        }
    }

    fn of_mongo(mongo: Mongo) -> Self {
        Self {
            users: Arc::new(mongo.users()),
            accounts: Arc::new(mongo.accounts()),
            sessions: Arc::new(mongo.sessions()),
            conversations: Arc::new(mongo.conversations()),
            messages: Arc::new(mongo.messages()),
            attachments: Arc::new(mongo.attachments()),
            invites: Arc::new(mongo.invites()),
            health: Arc::new(mongo.health()),
            connection: Connection::Mongo(mongo),
        }
    }
}

/// Makes the directory when it is missing, for nobody else.
///
/// # Errors
/// `DataDirectory`.
pub fn make_data_dir(path: &Path) -> Result<(), StorageError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|cause| StorageError::DataDirectory { path: path.display().to_string(), cause })
}

impl Connection {
    /// Tries to make the database ready for use; a file is from the beginning.
    ///
    /// # Errors
    /// Trying again is right where it [passes](StorageError::passes).
    pub async fn prepare(&self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Mongo(mongo) => Ok(mongo.prepare().await?),
        }
    }

    /// Finishes what is under way and ends the feed.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Mongo(mongo) => mongo.close().await,
        }
    }
}
