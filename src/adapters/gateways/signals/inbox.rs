//! The way in: packets of bytes become frames.

use std::collections::VecDeque;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::wire::{Frames, Read, Unreadable};
use crate::domain::{
    entities::ids::NodeId,
    interfaces::signal_bus::{SignalEvent, SignalFeed},
};

/// Packets that may wait to be taken in.
const QUEUE: usize = 1024;

enum Incoming {
    Joined,
    Packet(Vec<u8>),
}

/// Where whoever reads from the others puts what it reads. Clones share it; the feed ends with the last one.
#[derive(Clone)]
pub struct Intake(mpsc::Sender<Incoming>);

impl Intake {
    /// From now on packets come here.
    pub fn joined(&self) {
        self.put(Incoming::Joined);
    }

    pub fn packet(&self, packet: Vec<u8>) {
        self.put(Incoming::Packet(packet));
    }

    /// Never waits. What finds no room is lost, which is noticed like any other loss.
    fn put(&self, incoming: Incoming) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.0.try_send(incoming) {
            tracing::debug!("signals come faster than they are taken in");
        }
    }
}

/// Signals out of packets.
pub struct Inbox {
    node: NodeId,
    incoming: mpsc::Receiver<Incoming>,
    ready: VecDeque<SignalEvent>,
    /// What was complained of already.
    warned: Vec<Oddity>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Oddity {
    Unreadable(Unreadable),
    Kind(u8),
}

/// Both ends. What `node` said itself does not come out.
pub fn inbox(node: NodeId) -> (Intake, Inbox) {
    let (intake, incoming) = mpsc::channel(QUEUE);
    (Intake(intake), Inbox { node, incoming, ready: VecDeque::new(), warned: Vec::new() })
}

impl Inbox {
    fn unpack(&mut self, packet: &[u8]) {
        let frames = match Frames::of(packet) {
            Ok(frames) if frames.node == self.node => return,
            Ok(frames) => frames,
            Err(error) => return self.warn(Oddity::Unreadable(error)),
        };
        for read in frames {
            match read {
                Ok(Read { frame, unknown }) => {
                    let kind = if unknown.is_some() { "unknown" } else { frame.signal.kind() };
                    metrics::counter!("chatconnect_signals_total", "direction" => "in", "kind" => kind)
                        .increment(1);
                    self.ready.push_back(SignalEvent::Frame(frame));
                    if let Some(kind) = unknown {
                        self.warn(Oddity::Kind(kind));
                    }
                }
                Err(error) => self.warn(Oddity::Unreadable(error)),
            }
        }
    }

    /// Once for each oddity: where there is one, more will follow.
    fn warn(&mut self, oddity: Oddity) {
        if self.warned.contains(&oddity) {
            return;
        }
        self.warned.push(oddity);
        match oddity {
            Oddity::Unreadable(error) => {
                tracing::warn!(%error, "a packet of signals from another node was skipped");
            }
            Oddity::Kind(kind) => {
                tracing::warn!(kind, "another node sends signals of which this one knows nothing");
            }
        }
    }
}

#[async_trait]
impl SignalFeed for Inbox {
    async fn next(&mut self) -> Option<SignalEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.incoming.recv().await? {
                Incoming::Joined => return Some(SignalEvent::Joined),
                Incoming::Packet(packet) => self.unpack(&packet),
            }
        }
    }
}
