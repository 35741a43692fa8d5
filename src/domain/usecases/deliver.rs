//! Hands committed changes to people's sockets, in commit order.

use std::sync::Arc;

use crate::domain::interfaces::{change_feed::ChangeFeed, event_publisher::EventPublisher};

pub struct DeliverChanges {
    publisher: Arc<dyn EventPublisher>,
}

impl DeliverChanges {
    pub fn new(publisher: Arc<dyn EventPublisher>) -> Self {
        Self { publisher }
    }

    /// Runs until the feed ends.
    pub async fn execute(self, mut feed: Box<dyn ChangeFeed>) {
        while let Some(change) = feed.next().await {
            self.publisher.change(&change).await;
        }
    }
}
