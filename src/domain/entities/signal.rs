//! What nodes tell each other, and nobody keeps: who is connected to them, and who is typing there.

use super::{
    ids::{ConversationId, NodeId, UserId},
    timestamp::Timestamp,
};

/// The most people that one signal says the same of.
pub const SIGNAL_PEOPLE: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// Somebody began, goes on, or stopped.
    Typing { conversation: ConversationId, user: UserId, typing: bool },
    /// Who is connected to the node since the last time, and who is not any more, since when.
    Presence { came: Vec<UserId>, went: Vec<(UserId, Timestamp)> },
    /// Everybody who is connected to the node, in `parts` signals that follow one another directly; `part` counts from 0.
    Snapshot { part: u32, parts: u32, people: Vec<UserId> },
    /// Asks one node, or all of them, for a snapshot.
    Hello { to: Option<NodeId> },
    /// There is nothing to say; so that a loss is noticed all the same.
    Here,
    /// The node stops, and its people are elsewhere or gone.
    Goodbye,
}

impl Signal {
    /// What kind it is, for people who watch the server.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Typing { .. } => "typing",
            Self::Presence { .. } => "presence",
            Self::Snapshot { .. } => "snapshot",
            Self::Hello { .. } => "hello",
            Self::Here => "here",
            Self::Goodbye => "goodbye",
        }
    }

    /// A snapshot of these people; there is one also when there is nobody.
    pub fn snapshot(people: &[UserId]) -> Vec<Self> {
        let parts = people.len().div_ceil(SIGNAL_PEOPLE).max(1);
        let count = u32::try_from(parts).unwrap_or(u32::MAX);
        let part = |part: u32| {
            let begin = part as usize * SIGNAL_PEOPLE;
            let people = people.iter().skip(begin).take(SIGNAL_PEOPLE).copied().collect();
            Self::Snapshot { part, parts: count, people }
        };
        (0..count).map(part).collect()
    }

    /// These news, in as few signals as hold them.
    pub fn presence(came: &[UserId], went: &[(UserId, Timestamp)]) -> Vec<Self> {
        let signals = came.len().max(went.len()).div_ceil(SIGNAL_PEOPLE);
        let (mut came, mut went) = (came.chunks(SIGNAL_PEOPLE), went.chunks(SIGNAL_PEOPLE));
        let mut part = || Self::Presence {
            came: came.next().unwrap_or_default().to_vec(),
            went: went.next().unwrap_or_default().to_vec(),
        };
        (0..signals).map(|_| part()).collect()
    }
}

/// A signal on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Who says it.
    pub node: NodeId,
    /// Counts the node's frames from 1, so that whoever hears them knows when one was lost.
    pub number: u64,
    pub signal: Signal,
}
