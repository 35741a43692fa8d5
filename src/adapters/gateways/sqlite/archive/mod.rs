//! A database as a whole: read, filled, copied.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension};

use crate::domain::error::{DomainError, Result};

mod backup;
mod source;
mod target;

pub use backup::{BackupError, SqliteBackup};
pub use source::SqliteSource;
pub use target::SqliteTarget;

/// What the database is being filled from, as long as that is not finished. The table is there for so long only.
pub(super) fn unfinished(conn: &Connection) -> rusqlite::Result<Option<String>> {
    if !conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'unfinished_import'")?.exists(())? {
        return Ok(None);
    }
    conn.query_row("SELECT origin FROM unfinished_import", (), |row| row.get(0)).optional()
}

/// One connection, used on the threads for blocking work by one caller at a time.
#[derive(Clone)]
struct Single(Arc<Mutex<Connection>>);

impl Single {
    fn new(conn: Connection) -> Self {
        Self(Arc::new(Mutex::new(conn)))
    }

    async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            // A transaction that a panic ended was rolled back.
            work(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
        });
        task.await.unwrap_or_else(|error| Err(DomainError::internal(error)))
    }
}
