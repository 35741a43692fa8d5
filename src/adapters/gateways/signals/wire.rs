//! Frames as bytes. A packet holds frames of one node: its version (1 byte) and the node (16), and then for each frame
//! its number (8, big-endian as all integers), its kind (1), the length of its body (4) and the body.
//!
//! Nodes of several versions may run at the same time. A kind that is not known counts as a frame that says nothing; a new
//! meaning of a known one needs a new version.

use uuid::Uuid;

use crate::domain::entities::{
    ids::{ConversationId, NodeId, UserId},
    signal::{Frame, Signal},
    timestamp::Timestamp,
};

const VERSION: u8 = 1;

const TYPING: u8 = 1;
const PRESENCE: u8 = 2;
const SNAPSHOT: u8 = 3;
const HELLO: u8 = 4;
const HERE: u8 = 5;
const GOODBYE: u8 = 6;

/// Why a packet, or the rest of it, cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is of version {0}, of which this node knows nothing")]
    Version(u8),
    #[error("it is damaged")]
    Damaged,
}

/// A packet that is being filled.
pub(super) struct Packet(Vec<u8>);

impl Packet {
    pub fn new(node: NodeId) -> Self {
        let mut bytes = vec![VERSION];
        bytes.extend(node.as_bytes());
        Self(bytes)
    }

    pub fn push(&mut self, number: u64, signal: &Signal) {
        let bytes = &mut self.0;
        bytes.extend(number.to_be_bytes());
        bytes.push(kind(signal));
        let length = bytes.len();
        bytes.extend([0; 4]);
        body(signal, bytes);
        let written = count(bytes.len() - length - 4);
        bytes[length..length + 4].copy_from_slice(&written);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

fn count(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

const fn kind(signal: &Signal) -> u8 {
    match signal {
        Signal::Typing { .. } => TYPING,
        Signal::Presence { .. } => PRESENCE,
        Signal::Snapshot { .. } => SNAPSHOT,
        Signal::Hello { .. } => HELLO,
        Signal::Here => HERE,
        Signal::Goodbye => GOODBYE,
    }
}

fn body(signal: &Signal, bytes: &mut Vec<u8>) {
    match signal {
        Signal::Typing { conversation, user, typing } => {
            bytes.extend(conversation.as_bytes());
            bytes.extend(user.as_bytes());
            bytes.push(u8::from(*typing));
        }
        Signal::Presence { came, went } => {
            bytes.extend(count(came.len()));
            came.iter().for_each(|user| bytes.extend(user.as_bytes()));
            for (user, at) in went {
                bytes.extend(user.as_bytes());
                bytes.extend(at.as_millis().to_be_bytes());
            }
        }
        Signal::Snapshot { part, parts, people } => {
            bytes.extend(part.to_be_bytes());
            bytes.extend(parts.to_be_bytes());
            people.iter().for_each(|user| bytes.extend(user.as_bytes()));
        }
        Signal::Hello { to } => to.iter().for_each(|node| bytes.extend(node.as_bytes())),
        Signal::Here | Signal::Goodbye => {}
    }
}

/// A packet that is being read.
pub(super) struct Frames<'a> {
    pub node: NodeId,
    rest: Reader<'a>,
}

/// A frame, or one of a kind that is not known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub frame: Frame,
    pub unknown: Option<u8>,
}

impl<'a> Frames<'a> {
    /// # Errors
    /// `Version`, `Damaged`.
    pub fn of(packet: &'a [u8]) -> Result<Self, Unreadable> {
        let mut rest = Reader(packet);
        let version = rest.byte().ok_or(Unreadable::Damaged)?;
        if version != VERSION {
            return Err(Unreadable::Version(version));
        }
        let node = rest.uuid().map(NodeId::from_uuid).ok_or(Unreadable::Damaged)?;
        Ok(Self { node, rest })
    }

    fn frame(&mut self) -> Option<Read> {
        let rest = &mut self.rest;
        let (number, kind) = (rest.u64()?, rest.byte()?);
        let length = rest.u32()? as usize;
        let known = signal(kind, Reader(rest.take(length)?))?;
        let frame = Frame { node: self.node, number, signal: known.clone().unwrap_or(Signal::Here) };
        Some(Read { frame, unknown: known.is_none().then_some(kind) })
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<Read, Unreadable>;

    /// What comes after damage is not read.
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.0.is_empty() {
            return None;
        }
        let frame = self.frame().ok_or(Unreadable::Damaged);
        if frame.is_err() {
            self.rest = Reader(&[]);
        }
        Some(frame)
    }
}

/// `None` when it is damaged, `Some(None)` when its kind is not known.
fn signal(kind: u8, mut body: Reader<'_>) -> Option<Option<Signal>> {
    let signal = match kind {
        TYPING => Signal::Typing {
            conversation: body.uuid().map(ConversationId::from_uuid)?,
            user: body.user()?,
            typing: body.flag()?,
        },
        PRESENCE => {
            let came = body.u32()? as usize;
            let came = Reader(body.take(came.checked_mul(16)?)?).all(Reader::user)?;
            let went = body.all(|body| Some((body.user()?, Timestamp::from_millis(body.i64()?))))?;
            Signal::Presence { came, went }
        }
        SNAPSHOT => {
            let (part, parts) = (body.u32()?, body.u32()?);
            Signal::Snapshot { part, parts, people: body.all(Reader::user)? }
        }
        HELLO if body.0.is_empty() => Signal::Hello { to: None },
        HELLO => Signal::Hello { to: Some(NodeId::from_uuid(body.uuid()?)) },
        HERE => Signal::Here,
        GOODBYE => Signal::Goodbye,
        _ => return Some(None),
    };
    body.0.is_empty().then_some(Some(signal))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    fn uuid(&mut self) -> Option<Uuid> {
        self.array().map(Uuid::from_bytes)
    }

    fn user(&mut self) -> Option<UserId> {
        self.uuid().map(UserId::from_uuid)
    }

    /// Reads until there is nothing more.
    fn all<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Vec::new();
        while !self.0.is_empty() {
            all.push(one(self)?);
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests;
