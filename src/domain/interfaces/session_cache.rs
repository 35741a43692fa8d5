//! What this process remembers of sessions, so that it need not ask the database.

use async_trait::async_trait;

use crate::domain::entities::session::SessionKey;

/// Forgetting never fails.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// The session has ended elsewhere: ask the database the next time.
    async fn forget(&self, key: &SessionKey);

    /// Any session may have ended elsewhere.
    async fn forget_all(&self);
}
