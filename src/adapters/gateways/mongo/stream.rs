//! What all nodes write, as the server tells it: committed on a majority, in the order in which it was written.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mongodb::{
    Database as Db,
    bson::RawDocumentBuf,
    change_stream::{ChangeStream, event::ResumeToken},
};
use tokio::sync::{broadcast, mpsc};

use super::{
    errors::{self, Failure, timely},
    events::{self, Heard},
    lanes::Lanes,
    transaction::pause,
};
use crate::domain::interfaces::change_feed::FeedEvent;

/// How long the server waits for something to tell before it says that there is nothing.
const AWAIT: Duration = Duration::from_secs(1);

/// A connection on which nothing has come for so long is taken for broken.
const SILENCE: Duration = Duration::from_secs(10);

/// How long to wait at most before the stream is opened again.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What another node said, or that something of it may have been missed.
#[derive(Debug, Clone)]
pub(super) enum Signal {
    /// The document that it put into the collection of signals.
    Said(Arc<RawDocumentBuf>),
    Missed,
}

pub(super) type Changes = ChangeStream<RawDocumentBuf>;

/// Where events go.
pub(super) struct Outlets {
    pub lanes: Arc<Lanes>,
    pub feed: mpsc::Sender<FeedEvent>,
    pub signals: broadcast::Sender<Signal>,
}

/// The stream of what is written from now on, or since `after`.
pub(super) async fn open(db: &Db, after: Option<ResumeToken>) -> Result<Changes, Failure> {
    let watch = db.watch().pipeline(events::wanted()).max_await_time(AWAIT).resume_after(after);
    Ok(timely(watch).await?.with_type())
}

/// Tells what comes, for ever: after whatever ends the stream it goes on where it was, or else says that something may be
/// missing.
pub(super) async fn tell(db: Db, mut changes: Changes, outlets: Outlets) {
    let mut told = changes.resume_token();
    loop {
        let failure = outlets.all_of(&mut changes, &mut told).await;
        match &failure {
            Some(failure) => tracing::warn!(%failure, "the change stream was interrupted"),
            None => tracing::warn!("the change stream has ended: a collection was dropped or renamed"),
        }
        if failure.is_none_or(|failure| is_final(&failure)) {
            told = None;
        }
        let missed;
        (changes, missed) = again(&db, told.take()).await;
        told = changes.resume_token();
        if missed {
            tracing::warn!("the change stream begins anew: everybody is told to ask for what they missed");
            outlets.missed().await;
        }
    }
}

/// Opens it again, however long that takes; whether something may have been missed.
async fn again(db: &Db, mut after: Option<ResumeToken>) -> (Changes, bool) {
    let start = Instant::now();
    let mut attempts = 0;
    loop {
        match open(db, after.clone()).await {
            Ok(changes) => {
                tracing::info!(after = ?start.elapsed(), "the change stream goes on");
                return (changes, after.is_none());
            }
            Err(failure) => {
                tracing::debug!(%failure, "the change stream cannot be opened");
                // Where it was is not known any more.
                if is_final(&failure) && after.take().is_some() {
                    continue;
                }
                attempts += 1;
                let longer = Duration::from_millis(100 << u64::from(attempts.min(6_u32)));
                tokio::time::sleep(longer.min(LONGEST_PAUSE) + pause(attempts)).await;
            }
        }
    }
}

/// Whether the server has refused for a reason that does not pass, above all because its memory does not reach back so far.
fn is_final(failure: &Failure) -> bool {
    failure.code().is_some_and(|code| !errors::may_pass(code))
}

impl Outlets {
    /// Tells what comes until that ends; `told` is always up to where everything was told.
    async fn all_of(&self, changes: &mut Changes, told: &mut Option<ResumeToken>) -> Option<Failure> {
        loop {
            match tokio::time::timeout(SILENCE, changes.next_if_any()).await {
                Err(_) => return Some(Failure::TooLate),
                Ok(Err(error)) => return Some(error.into()),
                Ok(Ok(None)) if !changes.is_alive() => return None,
                Ok(Ok(None)) => {}
                Ok(Ok(Some(event))) => match events::read(&event, &self.lanes) {
                    Ok(Heard::Events(events)) => self.events(events).await,
                    // Whether anybody listens is not of interest.
                    Ok(Heard::Signal(signal)) => drop(self.signals.send(Signal::Said(Arc::new(signal)))),
                    Ok(Heard::Ended) => return None,
                    Err(error) => {
                        tracing::error!(cause = ?error.cause(), "a change cannot be read and is not told");
                    }
                },
            }
            *told = changes.resume_token();
        }
    }

    async fn events(&self, events: Vec<FeedEvent>) {
        for event in events {
            // Also when the feed is not read any more, the lanes and the signals are.
            drop(self.feed.send(event).await);
        }
    }

    async fn missed(&self) {
        drop(self.signals.send(Signal::Missed));
        self.events(vec![FeedEvent::Gap]).await;
    }
}
