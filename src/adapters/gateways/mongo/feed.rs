//! What the database tells, on its way to delivery.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::domain::{
    entities::change::Change,
    interfaces::change_feed::{ChangeFeed, FeedEvent},
};

/// How many events may wait to be taken out.
const WAITING: usize = 8_192;

/// To be read all the time. On a replica set what is not taken out waits in the database, as long as that keeps it; on a
/// standalone server what finds no room is lost, which is told by a [`FeedEvent::Gap`]. Writes never wait for it.
pub struct MongoFeed {
    events: mpsc::Receiver<FeedEvent>,
    missed: Arc<AtomicBool>,
}

#[async_trait]
impl ChangeFeed for MongoFeed {
    async fn next(&mut self) -> Option<FeedEvent> {
        match self.gap() {
            Some(gap) => Some(gap),
            None => self.events.recv().await,
        }
    }

    fn try_next(&mut self) -> Option<FeedEvent> {
        self.gap().or_else(|| self.events.try_recv().ok())
    }
}

impl MongoFeed {
    fn gap(&mut self) -> Option<FeedEvent> {
        if !self.missed.swap(false, Ordering::AcqRel) {
            return None;
        }
        // Whoever asks for what was missed gets what waits here too.
        while self.events.try_recv().is_ok() {}
        Some(FeedEvent::Gap)
    }
}

/// The other end of the feed.
pub(super) struct Teller {
    events: Mutex<Option<mpsc::Sender<FeedEvent>>>,
    missed: Arc<AtomicBool>,
}

pub(super) fn feed() -> (Teller, MongoFeed) {
    let (sender, events) = mpsc::channel(WAITING);
    let missed = Arc::new(AtomicBool::new(false));
    let teller = Teller { events: Mutex::new(Some(sender)), missed: Arc::clone(&missed) };
    (teller, MongoFeed { events, missed })
}

impl Teller {
    /// Tells without waiting.
    pub fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(events) = events.as_ref() else { return };
        for change in changes {
            if let Err(mpsc::error::TrySendError::Full(_)) = events.try_send(FeedEvent::Change(change)) {
                self.missed.store(true, Ordering::Release);
                return;
            }
        }
    }

    /// For who can wait until there is room; `None` when the feed has ended.
    pub fn sender(&self) -> Option<mpsc::Sender<FeedEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the feed, once nobody has a sender any more.
    pub fn end(&self) {
        drop(self.events.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
