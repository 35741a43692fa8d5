//! Committed changes, on their way from the writing thread to delivery.

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::domain::{
    entities::change::Change,
    interfaces::change_feed::{ChangeFeed, FeedEvent},
};

/// Must be read all the time or dropped: when it is full, writes wait until it is read, and then they are refused.
pub struct SqliteFeed(pub(super) mpsc::Receiver<Change>);

#[async_trait]
impl ChangeFeed for SqliteFeed {
    async fn next(&mut self) -> Option<FeedEvent> {
        self.0.recv().await.map(FeedEvent::Change)
    }

    fn try_next(&mut self) -> Option<FeedEvent> {
        self.0.try_recv().ok().map(FeedEvent::Change)
    }
}
