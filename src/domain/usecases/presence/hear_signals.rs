//! Takes in what the other nodes say.

use std::sync::Arc;

use super::{
    track_presence::{Heard, TrackPresence},
    typing::Typing,
};
use crate::domain::interfaces::signal_bus::{SignalEvent, SignalFeed};

pub struct HearSignals {
    pub track: Arc<TrackPresence>,
    pub typing: Arc<Typing>,
}

impl HearSignals {
    /// Runs until the feed ends.
    pub async fn execute(self, mut feed: Box<dyn SignalFeed>) {
        while let Some(event) = feed.next().await {
            self.hear(event).await;
        }
    }

    pub async fn hear(&self, event: SignalEvent) {
        let frame = match event {
            SignalEvent::Joined => return self.track.hello(),
            SignalEvent::Frame(frame) => frame,
        };
        match self.track.hear(frame) {
            Heard::Nothing => {}
            Heard::Typing { conversation, user, typing } => {
                self.typing.heard(conversation, user, typing).await;
            }
            Heard::Gone(people) => {
                self.typing.end(&people).await;
            }
        }
    }
}
