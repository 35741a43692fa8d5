//! Connections that read, on the threads for blocking work.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::domain::error::{DomainError, Result};

pub(super) struct Pool {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit for each connection that is idle.
    permits: Arc<Semaphore>,
    size: u32,
}

impl Pool {
    pub fn new(connections: Vec<Connection>) -> Self {
        let size = u32::try_from(connections.len()).unwrap_or(u32::MAX);
        Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            idle: Arc::new(Mutex::new(connections)),
            size,
        }
    }

    /// Runs `work` on one consistent snapshot; waits for a connection when all are busy.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        metrics::counter!("chatconnect_sqlite_reads_total").increment(1);
        let closed = || DomainError::unavailable("the database was closed");
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let idle = Arc::clone(&self.idle);
        let task = tokio::task::spawn_blocking(move || {
            let conn = lock(&idle).pop();
            let mut lent = Lent { conn, idle };
            let conn = lent.conn.as_mut().ok_or_else(closed)?;
            // Dropped, it ends; that also happens when `work` panics.
            let snapshot = conn.transaction()?;
            let answer = work(&snapshot);
            drop(snapshot);
            drop(lent);
            // Only now may the next one look for an idle connection.
            drop(permit);
            answer
        });
        task.await.unwrap_or_else(|error| Err(DomainError::internal(error)))
    }

    /// Waits for what is under way and closes the connections. Later reads are refused.
    pub async fn close(&self) {
        if let Ok(all) = self.permits.acquire_many(self.size).await {
            lock(&self.idle).clear();
            self.permits.close();
            drop(all);
        }
    }
}

/// Gives its connection back when it is dropped.
struct Lent {
    conn: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        lock(&self.idle).extend(self.conn.take());
    }
}

/// No code panics while it holds the list, so a poisoned one is whole.
fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
