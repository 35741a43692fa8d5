//! Facts to sockets. A fact is encoded once for all its receivers. A socket that came as a WebSocket is written to beneath
//! the library, the frame as it is; one that began with polling hears through the library.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Serialize, Serializer};
use socketioxide::{SendError, SocketError, extract::SocketRef};
use tokio::task::JoinSet;

use super::{
    fact::event_frame,
    rooms::{Ear, Line, Room, Rooms},
    tutorial,
};
use crate::{
    adapters::dto::{
        events,
        facts::{
            ConversationFact, ConversationRead, ConversationRemoved, MessageFact, PresenceChanged,
            SyncNeeded, TypingChanged, UserDeleted, UserUpdated,
        },
        marks::{Marks, MarksChanged},
        objects::{ConversationUpdate, Message, PresenceStatus, User},
        time::Time,
    },
    domain::{
        entities::{
            change::Change,
            conversation::Conversation,
            ids::{ConversationId, SessionId, UserId},
            marks,
            presence::Presence,
            session::SessionKey,
            user,
        },
        error::DomainError,
        interfaces::{conversation_repository::ConversationRepository, event_publisher::EventPublisher},
    },
};

/// What a socket's extensions hold of it.
#[derive(Clone)]
pub struct Place {
    pub line: Arc<dyn Line>,
    pub rooms: Arc<Rooms>,
}

/// Ends a socket that cannot take what it must be told. Its client comes back and asks for what it missed.
pub fn cut_off(socket: &SocketRef) {
    metrics::counter!("chatconnect_socket_cut_off_total").increment(1);
    hang_up(socket);
}

/// Says good-bye where that is still possible, and ends the connection.
pub fn hang_up(socket: &SocketRef) {
    let place = socket.extensions.get::<Place>();
    if let Some(place) = &place {
        // Whatever becomes of the farewell, it hears nothing more.
        place.rooms.remove(socket.id);
    }
    // A full buffer cannot take the farewell; the line is cut all the same.
    if let Err(error) = socket.clone().disconnect() {
        tracing::debug!(%error, "a socket was cut without a farewell");
    }
    if let Some(place) = place {
        place.line.cut();
    }
}

/// Cannot be serialised: with it, `emit` checks a socket for room and then sends nothing.
struct Nothing;

impl Serialize for Nothing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("nothing to send"))
    }
}

/// Whether the socket's buffer takes nothing more.
pub fn is_full(socket: &SocketRef) -> bool {
    matches!(socket.emit("", &Nothing), Err(SendError::Socket(SocketError::InternalChannelFull)))
}

pub struct SocketPublisher {
    rooms: Arc<Rooms>,
    conversations: Arc<dyn ConversationRepository>,
    /// `general`, once it is known; what is said there is told in the tutorial's dialect too.
    general: OnceLock<ConversationId>,
    /// Those to whom something was pushed.
    waiting: Mutex<Vec<Arc<Ear>>>,
}

/// So many sockets are written to by one task; others may write to more at the same time.
const SHARE: usize = 128;

impl SocketPublisher {
    pub fn new(rooms: Arc<Rooms>, conversations: Arc<dyn ConversationRepository>) -> Self {
        Self { rooms, conversations, general: OnceLock::new(), waiting: Mutex::default() }
    }

    async fn tell_tutorial(&self, message: &Message, conversation: ConversationId) {
        if self.rooms.is_empty(Room::Tutorial) {
            return;
        }
        if self.general.get().is_none()
            && let Ok(Some(id)) = self.conversations.general().await
        {
            self.general.get_or_init(|| id);
        }
        if self.general.get() == Some(&conversation) {
            for ear in self.rooms.ears(&[Room::Tutorial]) {
                tutorial::tell(&ear.socket, message.seq, &message.body);
            }
        }
    }

    /// Tells everybody in the rooms, each socket once, but those of `except`.
    fn tell<T: Serialize + ?Sized>(&self, rooms: &[Room], except: Option<UserId>, event: &str, fact: &T) {
        let mut telling = Telling::new(event, fact);
        self.rooms.visit(rooms, |ear| {
            if except != Some(ear.user) {
                telling.tell(ear);
            }
        });
        self.told(telling);
    }

    fn told<T: ?Sized>(&self, telling: Telling<'_, T>) {
        let Telling { event, mut waiting, full, .. } = telling;
        if !waiting.is_empty() {
            self.waiting().append(&mut waiting);
        }
        if !full.is_empty() {
            tracing::info!(event, cut_off = full.len(), "slow sockets are cut off");
            full.iter().for_each(|ear| cut_off(&ear.socket));
        }
    }

    fn tell_of(&self, conversation: &Conversation, event: &str, rooms: &[Room]) {
        self.tell(
            rooms,
            None,
            event,
            &ConversationFact { conversation: ConversationUpdate::from(conversation) },
        );
    }

    fn enter(&self, conversation: ConversationId, users: &[UserId]) -> Vec<Room> {
        self.rooms.move_people();
        let rooms: Vec<Room> = users.iter().copied().map(Room::User).collect();
        for room in &rooms {
            self.rooms.join_all(*room, Room::Conversation(conversation));
        }
        rooms
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Arc<Ear>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One fact, while it is told.
struct Telling<'a, T: ?Sized> {
    event: &'a str,
    fact: &'a T,
    /// Behind the answers that are on their way, also to WebSockets.
    through_library: bool,
    /// Made for the first one who takes it.
    frame: Option<Bytes>,
    waiting: Vec<Arc<Ear>>,
    full: Vec<Arc<Ear>>,
}

impl<'a, T: Serialize + ?Sized> Telling<'a, T> {
    fn new(event: &'a str, fact: &'a T) -> Self {
        Self { event, fact, through_library: false, frame: None, waiting: Vec::new(), full: Vec::new() }
    }

    fn tell(&mut self, ear: &Arc<Ear>) {
        let has_room = match &ear.wire {
            Some(wire) if !self.through_library => match self.frame() {
                Ok(frame) => {
                    wire.push(frame) || {
                        // What waits may only wait for its turn.
                        wire.flush();
                        wire.push(frame)
                    }
                }
                Err(error) => return self.failed(&error),
            },
            _ => match ear.socket.emit(self.event, self.fact) {
                Ok(()) | Err(SendError::Socket(SocketError::Closed)) => true,
                Err(SendError::Socket(SocketError::InternalChannelFull)) => false,
                Err(SendError::Serialize(error)) => return self.failed(&error),
            },
        };
        if !has_room {
            self.full.push(Arc::clone(ear));
        } else if ear.waits() {
            self.waiting.push(Arc::clone(ear));
        }
    }

    fn frame(&mut self) -> serde_json::Result<&Bytes> {
        if self.frame.is_none() {
            self.frame = Some(event_frame(self.event, self.fact)?);
        }
        self.frame.as_ref().ok_or_else(|| serde::ser::Error::custom("no frame"))
    }

    fn failed(&self, error: &dyn std::fmt::Display) {
        tracing::error!(event = self.event, %error, "a fact could not be written");
    }
}

#[async_trait]
impl EventPublisher for SocketPublisher {
    async fn change(&self, change: &Change) {
        match change {
            Change::MessageCreated(message) => {
                let fact = MessageFact { message: Message::from(message.as_ref()) };
                self.tell(&[Room::Conversation(message.conversation)], None, events::MESSAGE_CREATED, &fact);
                self.tell_tutorial(&fact.message, message.conversation).await;
            }
            Change::MessageUpdated(message) => {
                let fact = MessageFact { message: Message::from(message.as_ref()) };
                self.tell(&[Room::Conversation(message.conversation)], None, events::MESSAGE_UPDATED, &fact);
            }
            Change::ConversationCreated { conversation, members } => {
                self.enter(conversation.id, members);
                let room = Room::Conversation(conversation.id);
                self.tell_of(conversation, events::CONVERSATION_CREATED, &[room]);
            }
            Change::ConversationUpdated(conversation) => {
                let room = Room::Conversation(conversation.id);
                self.tell_of(conversation, events::CONVERSATION_UPDATED, &[room]);
            }
            Change::MembersJoined { conversation, users, told } => {
                if *told {
                    let room = Room::Conversation(conversation.id);
                    self.tell_of(conversation, events::CONVERSATION_UPDATED, &[room]);
                }
                let rooms = self.enter(conversation.id, users);
                self.tell_of(conversation, events::CONVERSATION_CREATED, &rooms);
            }
            Change::MemberLeft { conversation, user, told } => {
                let (room, theirs) = (Room::Conversation(conversation.id), Room::User(*user));
                self.rooms.move_people();
                self.rooms.leave_all(theirs, room);
                if self.general.get() == Some(&conversation.id) {
                    self.rooms.ears(&[theirs]).iter().for_each(|ear| tutorial::end(&ear.socket));
                }
                let fact = ConversationRemoved { conversation_id: conversation.id.to_string() };
                self.tell(&[theirs], None, events::CONVERSATION_REMOVED, &fact);
                if *told {
                    self.tell_of(conversation, events::CONVERSATION_UPDATED, &[room]);
                }
            }
            Change::ConversationDeleted(id) => {
                let room = Room::Conversation(*id);
                let fact = ConversationRemoved { conversation_id: id.to_string() };
                self.rooms.move_people();
                self.tell(&[room], None, events::CONVERSATION_REMOVED, &fact);
                self.rooms.leave_all(room, room);
            }
            Change::Read { conversation, user, seq, told } => {
                let fact = ConversationRead {
                    conversation_id: conversation.to_string(),
                    user_id: user.to_string(),
                    seq: *seq,
                };
                let room = if *told { Room::Conversation(*conversation) } else { Room::User(*user) };
                self.tell(&[room], None, events::CONVERSATION_READ, &fact);
            }
            // What is told of these is looked up first.
            Change::Marked(_) | Change::Profile(_) => {}
        }
    }

    async fn presence(&self, presence: Presence, contacts: &[UserId]) {
        let contacts: Vec<Room> = contacts.iter().copied().map(Room::User).collect();
        let fact = PresenceChanged {
            user_id: presence.user.to_string(),
            status: if presence.online { PresenceStatus::Online } else { PresenceStatus::Offline },
            last_seen_at: presence.last_seen_at.map(Time::from),
        };
        // Those who watch were answered how things stand, and must not hear of what came after that before it.
        let watching = self.rooms.ears(&[Room::Watch(presence.user)]);
        let mut telling = Telling::new(events::PRESENCE_CHANGED, &fact);
        telling.through_library = true;
        watching.iter().for_each(|ear| telling.tell(ear));
        telling.through_library = false;
        let is_watching: HashSet<_> = watching.iter().map(|ear| ear.socket.id).collect();
        self.rooms.visit(&contacts, |ear| {
            if !is_watching.contains(&ear.socket.id) {
                telling.tell(ear);
            }
        });
        self.told(telling);
        self.flush().await;
    }

    async fn marks(&self, user: UserId, marks: &marks::Marks) {
        let fact = MarksChanged { marks: Marks::from(marks) };
        self.tell(&[Room::User(user)], None, events::MARKS_CHANGED, &fact);
    }

    async fn user(&self, user: &user::User, contacts: &[UserId]) {
        let mut rooms = vec![Room::User(user.id), Room::Watch(user.id)];
        rooms.extend(contacts.iter().copied().map(Room::User));
        self.tell(&rooms, None, events::USER_UPDATED, &UserUpdated { user: User::from(user) });
    }

    async fn user_gone(&self, user: UserId, contacts: &[UserId]) {
        let mut rooms = vec![Room::Watch(user)];
        rooms.extend(contacts.iter().copied().map(Room::User));
        self.tell(&rooms, None, events::USER_DELETED, &UserDeleted { user_id: user.to_string() });
    }

    fn has_sockets(&self, user: UserId) -> bool {
        !self.rooms.is_empty(Room::User(user))
    }

    fn untold(&self, error: &DomainError) {
        tracing::warn!(%error, cause = ?error.cause(), "marks, or a new name or picture, could not be told");
    }

    async fn cut_off(&self, user: UserId) {
        self.rooms.ears(&[Room::User(user)]).iter().for_each(|ear| cut_off(&ear.socket));
    }

    async fn typing(&self, conversation: ConversationId, user: UserId, typing: bool) {
        let fact =
            TypingChanged { conversation_id: conversation.to_string(), user_id: user.to_string(), typing };
        self.tell(&[Room::Conversation(conversation)], Some(user), events::TYPING_CHANGED, &fact);
        self.flush().await;
    }

    async fn end_sessions(&self, sessions: &[SessionId]) {
        self.rooms.move_people();
        for session in sessions {
            self.rooms.ears(&[Room::Session(*session)]).iter().for_each(|ear| hang_up(&ear.socket));
        }
    }

    async fn sync_needed(&self) {
        self.rooms.move_people();
        let mut telling = Telling::new(events::SYNC_NEEDED, &SyncNeeded {});
        self.rooms.everybody().iter().for_each(|ear| telling.tell(ear));
        self.told(telling);
        self.flush().await;
    }

    async fn flush(&self) {
        let mut waiting = std::mem::take(&mut *self.waiting());
        let mut shares = JoinSet::new();
        while waiting.len() > SHARE {
            let share = waiting.split_off(waiting.len() - SHARE);
            shares.spawn(async move { share.iter().for_each(|ear| ear.flush()) });
        }
        waiting.iter().for_each(|ear| ear.flush());
        shares.join_all().await;
        // The library's writers get their turn too, or a burst fills the buffers of healthy clients.
        tokio::task::yield_now().await;
    }

    fn connections(&self) -> u64 {
        self.rooms.everybody().len() as u64
    }

    fn sessions(&self) -> Vec<(SessionId, SessionKey)> {
        let mut sessions: Vec<_> =
            self.rooms.everybody().iter().filter_map(|ear| ear.line.session()).collect();
        sessions.sort_unstable_by_key(|(id, _)| *id);
        sessions.dedup();
        sessions
    }
}
