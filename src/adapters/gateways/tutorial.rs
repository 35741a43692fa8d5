//! The dialect of the Socket.IO tutorial's chat: `chat message (body, serverOffset)`, where the offset is the `seq`
//! in `general`. Each socket gets every message once and in order, also while it catches up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socketioxide::{SendError, SocketError, extract::SocketRef};

use super::{
    rooms::Room,
    socket_publisher::{Place, cut_off},
};
use crate::adapters::dto::events;

/// Among the extensions of each socket that speaks the dialect.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The newest `seq` that the socket was told.
    told: u64,
    /// What came while the socket was catching up; `None` once it has.
    held: Option<Vec<(u64, String)>>,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More than this is not held for a socket that catches up: it is cut off.
const MAX_HELD: usize = 10_000;

/// The socket speaks the dialect; what comes from now on waits until it has caught up after `offset`. Answers `false`
/// when it did so already.
pub fn begin(socket: &SocketRef, offset: u64) -> bool {
    if socket.extensions.get::<Line>().is_some() {
        return false;
    }
    let line = Line::default();
    *line.state() = State { told: offset, held: Some(Vec::new()) };
    socket.extensions.insert(line);
    if let Some(place) = socket.extensions.get::<Place>() {
        place.rooms.join(socket.id, [Room::Tutorial]);
    }
    true
}

/// The socket hears nothing more in the dialect.
pub fn end(socket: &SocketRef) {
    if let Some(place) = socket.extensions.get::<Place>() {
        place.rooms.leave(socket.id, [Room::Tutorial]);
    }
    socket.extensions.remove::<Line>();
}

/// Nothing up to `seq` is news to the socket.
pub fn skip(socket: &SocketRef, seq: u64) {
    if let Some(line) = socket.extensions.get::<Line>() {
        let mut state = line.state();
        state.told = state.told.max(seq);
    }
}

/// Tells one message of the past.
pub fn catch_up(socket: &SocketRef, seq: u64, body: &str) {
    if let Some(line) = socket.extensions.get::<Line>() {
        send(socket, &mut line.state(), seq, body);
    }
}

/// Tells what waited; from now on messages are told as they come.
pub fn caught_up(socket: &SocketRef) {
    if let Some(line) = socket.extensions.get::<Line>() {
        let mut state = line.state();
        for (seq, body) in state.held.take().unwrap_or_default() {
            send(socket, &mut state, seq, &body);
        }
    }
}

/// Tells a message that was just committed.
pub fn tell(socket: &SocketRef, seq: u64, body: &str) {
    let Some(line) = socket.extensions.get::<Line>() else { return };
    let mut state = line.state();
    match &mut state.held {
        Some(held) if held.len() >= MAX_HELD => cut_off(socket),
        Some(held) => held.push((seq, body.to_owned())),
        None => send(socket, &mut state, seq, body),
    }
}

fn send(socket: &SocketRef, state: &mut State, seq: u64, body: &str) {
    if seq <= state.told {
        return;
    }
    state.told = seq;
    match socket.emit(events::TUTORIAL_MESSAGE, &(body, seq)) {
        Ok(()) | Err(SendError::Socket(SocketError::Closed)) => {}
        Err(SendError::Socket(SocketError::InternalChannelFull)) => cut_off(socket),
        Err(SendError::Serialize(error)) => tracing::error!(%error, "a message could not be written"),
    }
}
