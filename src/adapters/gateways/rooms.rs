//! Who hears what: the sockets of this process, and the rooms that they are in.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    hash::{Hash, Hasher},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use socketioxide::{extract::SocketRef, socket::Sid};

use crate::domain::entities::{
    ids::{ConversationId, SessionId, UserId},
    session::SessionKey,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Room {
    /// Everybody in a conversation.
    Conversation(ConversationId),
    /// All sockets of a person.
    User(UserId),
    /// All sockets of a session.
    Session(SessionId),
    /// Those who watch a person's presence.
    Watch(UserId),
    /// Those who speak the Socket.IO tutorial's dialect ([`super::tutorial`]).
    Tutorial,
}

/// The connection underneath a socket.
pub trait Line: Send + Sync {
    /// Ends the connection at once, also when its client takes no more data.
    fn cut(&self);

    /// Whose it is.
    fn session(&self) -> Option<(SessionId, SessionKey)>;
}

/// Writes to a WebSocket beneath the library.
pub trait Wire: Send + Sync {
    /// Puts a frame behind those that wait; `false` when too many do.
    fn push(&self, frame: &Bytes) -> bool;

    /// Writes what waits, as far as that goes without waiting.
    fn flush(&self);
}

/// A socket that hears facts.
pub struct Ear {
    pub socket: SocketRef,
    pub user: UserId,
    pub line: Arc<dyn Line>,
    /// The short way; without it, facts go through the library.
    pub wire: Option<Box<dyn Wire>>,
    /// Something was pushed and not flushed.
    waits: AtomicBool,
}

impl Ear {
    pub fn new(
        socket: SocketRef,
        user: UserId,
        line: Arc<dyn Line>,
        wire: Option<Box<dyn Wire>>,
    ) -> Arc<Self> {
        Arc::new(Self { socket, user, line, wire, waits: AtomicBool::new(false) })
    }

    /// Whether it is the first since the last flush.
    pub fn waits(&self) -> bool {
        !self.waits.swap(true, Ordering::AcqRel)
    }

    pub fn flush(&self) {
        self.waits.store(false, Ordering::Release);
        if let Some(wire) = &self.wire {
            wire.flush();
        }
    }
}

/// One is the same as itself only.
#[derive(Clone)]
struct Member(Arc<Ear>);

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Member {}

impl Hash for Member {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

#[derive(Default)]
pub struct Rooms {
    state: RwLock<State>,
    /// Counts what moves people who may not be here yet.
    moves: AtomicU64,
}

#[derive(Default)]
struct State {
    ears: HashMap<Sid, (Arc<Ear>, Vec<Room>)>,
    rooms: HashMap<Room, HashSet<Member>>,
}

impl Rooms {
    /// The socket hears what is told in these rooms from now on.
    pub fn enter(&self, ear: &Arc<Ear>, rooms: impl IntoIterator<Item = Room>) {
        {
            let mut state = self.write();
            state.ears.insert(ear.socket.id, (Arc::clone(ear), Vec::new()));
            state.join(ear.socket.id, rooms);
        }
        // It may have gone before it was there.
        if !ear.socket.connected() {
            self.remove(ear.socket.id);
        }
    }

    /// Does nothing for a socket that is not, or no more, there.
    pub fn join(&self, socket: Sid, rooms: impl IntoIterator<Item = Room>) {
        self.write().join(socket, rooms);
    }

    pub fn leave(&self, socket: Sid, rooms: impl IntoIterator<Item = Room>) {
        let mut state = self.write();
        for room in rooms {
            state.leave(socket, room);
        }
    }

    /// The socket hears nothing more.
    pub fn remove(&self, socket: Sid) {
        let mut state = self.write();
        let State { ears, rooms } = &mut *state;
        if let Some((ear, all)) = ears.remove(&socket) {
            let member = Member(ear);
            all.into_iter().for_each(|room| take(rooms, room, &member));
        }
    }

    /// Somebody may be in other conversations than a moment ago, or their session may have ended. To be called before those
    /// who are here are moved.
    pub fn move_people(&self) {
        self.moves.fetch_add(1, Ordering::SeqCst);
    }

    /// Who finds the same number after entering as before looking into the database has missed nothing.
    pub fn moves(&self) -> u64 {
        self.moves.load(Ordering::SeqCst)
    }

    /// All sockets in `from` join `room`.
    pub fn join_all(&self, from: Room, room: Room) {
        for ear in self.ears(&[from]) {
            self.join(ear.socket.id, [room]);
        }
    }

    /// All sockets in `from` leave `room`.
    pub fn leave_all(&self, from: Room, room: Room) {
        for ear in self.ears(&[from]) {
            self.leave(ear.socket.id, [room]);
        }
    }

    /// Calls `each` for every socket in these rooms, once.
    pub fn visit(&self, rooms: &[Room], mut each: impl FnMut(&Arc<Ear>)) {
        let state = self.read();
        let found = rooms.iter().filter_map(|room| state.rooms.get(room));
        if let [_] = rooms {
            found.flatten().for_each(|member| each(&member.0));
        } else {
            let mut seen = HashSet::new();
            found
                .flatten()
                .filter(|member| seen.insert(Arc::as_ptr(&member.0)))
                .for_each(|member| each(&member.0));
        }
    }

    /// The sockets in these rooms.
    pub fn ears(&self, rooms: &[Room]) -> Vec<Arc<Ear>> {
        let mut ears = Vec::new();
        self.visit(rooms, |ear| ears.push(Arc::clone(ear)));
        ears
    }

    pub fn is_empty(&self, room: Room) -> bool {
        !self.read().rooms.contains_key(&room)
    }

    /// All sockets.
    pub fn everybody(&self) -> Vec<Arc<Ear>> {
        self.read().ears.values().map(|(ear, _)| Arc::clone(ear)).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn join(&mut self, socket: Sid, rooms: impl IntoIterator<Item = Room>) {
        let Some((ear, own)) = self.ears.get_mut(&socket) else { return };
        for room in rooms {
            if self.rooms.entry(room).or_default().insert(Member(Arc::clone(ear))) {
                own.push(room);
            }
        }
    }

    fn leave(&mut self, socket: Sid, room: Room) {
        let Some((ear, own)) = self.ears.get_mut(&socket) else { return };
        own.retain(|other| *other != room);
        take(&mut self.rooms, room, &Member(Arc::clone(ear)));
    }
}

/// A room without anybody is none.
fn take(rooms: &mut HashMap<Room, HashSet<Member>>, room: Room, member: &Member) {
    if let Entry::Occupied(mut entry) = rooms.entry(room) {
        entry.get_mut().remove(member);
        if entry.get().is_empty() {
            entry.remove();
        }
    }
}
