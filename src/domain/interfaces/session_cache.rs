//! What this process remembers of sessions, so that it need not ask the database.

use async_trait::async_trait;

use crate::domain::{entities::session::SessionKey, error::Result};

#[async_trait]
pub trait SessionCache: Send + Sync {
    /// The session has ended elsewhere: ask the database the next time.
    async fn forget(&self, key: &SessionKey) -> Result<()>;

    /// Any session may have ended elsewhere.
    async fn forget_all(&self) -> Result<()>;
}
