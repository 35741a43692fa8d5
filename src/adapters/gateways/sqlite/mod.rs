//! The embedded database: one file, one thread that writes, a few connections that read. Durable before it is answered.

use std::{path::Path, sync::Arc};

use rusqlite::Connection;
use tokio::sync::mpsc;

use crate::domain::error::Result;

mod accounts;
mod archive;
mod attachments;
mod conversations;
mod feed;
mod health;
mod invites;
mod keys;
mod members;
mod messages;
mod open;
mod pool;
mod reactions;
mod rows;
mod schema;
mod search;
mod sessions;
mod sync;
mod users;
mod values;
mod writer;

pub use accounts::SqliteAccounts;
pub use archive::{BackupError, SqliteBackup, SqliteSource, SqliteTarget};
pub use attachments::SqliteAttachments;
pub use conversations::SqliteConversations;
pub use feed::SqliteFeed;
pub use health::SqliteHealth;
pub use invites::SqliteInvites;
pub use messages::SqliteMessages;
pub use open::OpenError;
pub use sessions::SqliteSessions;
pub use users::SqliteUsers;

use pool::Pool;
use writer::{Batch, Writer};

/// How much the database may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Connections that read; at least 1.
    pub readers: usize,
    /// Writes that may wait for the writing thread; more are answered `Unavailable`. At least 1.
    pub waiting_writes: usize,
    /// Committed changes that may wait to be taken out of the feed; then writing waits. At least 1.
    pub waiting_changes: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { readers: cores.min(4), waiting_writes: 8_192, waiting_changes: 8_192 }
    }
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Sqlite {
    database: Arc<Database>,
}

impl Sqlite {
    /// Opens the file, which is created when it is not there (its directory is not), and locks it against other
    /// processes. Blocks for as long as it takes to check and to migrate it.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy; the file is as it was.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<(Self, SqliteFeed), OpenError> {
        let path = &open::resolve(path)?;
        let opened = open::open(path, open::Purpose::Serving)?;
        let readers = (0..options.readers.max(1)).map(|_| open::reader(path)).collect::<Result<_, _>>()?;
        let (feed, changes) = mpsc::channel(options.waiting_changes.max(1));
        let writer = Writer::start(opened.conn, options.waiting_writes.max(1), feed, opened.lock)
            .map_err(|error| OpenError::Other(path.into(), error.to_string()))?;
        let database = Arc::new(Database { writer, pool: Pool::new(readers) });
        Ok((Self { database }, SqliteFeed(changes)))
    }

    /// People.
    pub fn users(&self) -> SqliteUsers {
        SqliteUsers(self.database.clone())
    }

    /// What administrators decide.
    pub fn accounts(&self) -> SqliteAccounts {
        SqliteAccounts(self.database.clone())
    }

    /// Signed-in devices.
    pub fn sessions(&self) -> SqliteSessions {
        SqliteSessions(self.database.clone())
    }

    /// Conversations and their members.
    pub fn conversations(&self) -> SqliteConversations {
        SqliteConversations(self.database.clone())
    }

    /// Messages, what somebody missed of them, and search.
    pub fn messages(&self) -> SqliteMessages {
        SqliteMessages(self.database.clone())
    }

    /// What is known of uploaded files.
    pub fn attachments(&self) -> SqliteAttachments {
        SqliteAttachments(self.database.clone())
    }

    /// Invitations.
    pub fn invites(&self) -> SqliteInvites {
        SqliteInvites(self.database.clone())
    }

    /// Whether the file can be read and written.
    pub fn health(&self) -> SqliteHealth {
        SqliteHealth(self.database.clone())
    }

    /// Finishes the writes that wait, moves everything into the one file, closes it and frees the lock. Whatever is
    /// asked later is answered `Unavailable`. The feed ends; until it does, it must be read, or have been dropped.
    pub async fn close(&self) {
        // Readers first: the last one to close tidies up, and that must be the writer, which may write.
        self.database.pool.close().await;
        self.database.writer.close().await;
    }
}

/// What the gateways share.
struct Database {
    writer: Writer,
    pool: Pool,
}

impl Database {
    async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        self.pool.read(work).await
    }

    async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Batch<'_>) -> Result<T> + Send + 'static,
    {
        self.writer.write(work).await
    }
}

#[cfg(test)]
mod tests;
