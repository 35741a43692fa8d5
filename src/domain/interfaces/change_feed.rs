//! Committed changes, for delivery.

use async_trait::async_trait;

use crate::domain::entities::change::Change;

/// Every change that this process committed, exactly once, in commit order, so that the changes of one
/// conversation come in the order of their `rev`. A change is in the feed only after it is durable, and also when
/// whoever asked for it has gone away meanwhile.
#[async_trait]
pub trait ChangeFeed: Send {
    /// The next change; `None` when the database was closed.
    async fn next(&mut self) -> Option<Change>;
}
