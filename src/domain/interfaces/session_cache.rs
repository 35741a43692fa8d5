//! What this process remembers of sessions, so that it need not ask the database.

use async_trait::async_trait;

use crate::domain::{entities::session::SessionKey, error::Result};

/// What it knows better than the database is small: that sessions were used. Forgetting never fails.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// The session has ended elsewhere: ask the database the next time.
    async fn forget(&self, key: &SessionKey);

    /// Any session may have ended elsewhere.
    async fn forget_all(&self);

    /// Tells the database which sessions were used since the last call.
    ///
    /// # Errors
    /// That of the database; it is told again with the next call.
    async fn write_back(&self) -> Result<()>;
}
