//! The way between the nodes that serve one database.

use async_trait::async_trait;

use crate::domain::entities::signal::Frame;

/// Takes frames to all other nodes, as well as it can: a frame may be lost, which the others notice by its number.
#[async_trait]
pub trait SignalBus: Send + Sync {
    /// Hands a frame over, and returns at once, whatever the way to the others is like. What cannot be sent soon is lost.
    fn publish(&self, frame: Frame);

    /// Sends what waits, in at most a second; what is published later is lost.
    async fn close(&self);
}

/// What comes from the other nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignalEvent {
    /// From here on this node hears the others; what they said before, it may have missed.
    Joined,
    /// Frames of one node come in the order of their numbers, as a rule; some may come twice.
    Frame(Frame),
}

#[async_trait]
pub trait SignalFeed: Send {
    /// What comes next; `None` when nothing will come any more.
    async fn next(&mut self) -> Option<SignalEvent>;
}
