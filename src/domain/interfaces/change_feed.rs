//! Committed changes, for delivery.

use async_trait::async_trait;

use crate::domain::entities::{change::Change, ids::SessionId, session::SessionKey};

/// What the database tells this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    /// Something was committed.
    Change(Change),
    /// A session ended, perhaps on another node. Told only where several nodes may share the database.
    SessionEnded { id: SessionId, key: SessionKey },
    /// Something may have been missed: whoever is connected must ask for it, and what is cached is worth nothing.
    Gap,
}

/// Every change that this process committed, and those of the other nodes of the same database, exactly once unless a
/// [`FeedEvent::Gap`] says otherwise, in commit order, so that the changes of one conversation come in the order of
/// their `rev`. A change is in the feed only after it is durable, and also when whoever asked for it has gone away
/// meanwhile.
#[async_trait]
pub trait ChangeFeed: Send {
    /// What comes next; `None` when the database was closed.
    async fn next(&mut self) -> Option<FeedEvent>;

    /// What comes next, if it is there already.
    fn try_next(&mut self) -> Option<FeedEvent>;
}
