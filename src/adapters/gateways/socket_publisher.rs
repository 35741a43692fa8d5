//! Facts to sockets through Socket.IO rooms. A fact is encoded once for all its receivers.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use serde::{Serialize, Serializer};
use socketioxide::{
    BroadcastError, SendError, SocketError, SocketIo, extract::SocketRef, operators::BroadcastOperators,
};

use super::tutorial;
use crate::{
    adapters::dto::{
        events,
        facts::{
            ConversationFact, ConversationRead, ConversationRemoved, MessageFact, PresenceChanged,
            SyncNeeded, TypingChanged,
        },
        objects::{ConversationUpdate, Message, PresenceStatus},
        time::Time,
    },
    domain::{
        entities::{
            change::Change,
            conversation::Conversation,
            ids::{ConversationId, SessionId, UserId},
            presence::Presence,
            session::SessionKey,
        },
        interfaces::{conversation_repository::ConversationRepository, event_publisher::EventPublisher},
    },
};

/// The room of everybody in a conversation.
pub fn conversation_room(id: ConversationId) -> String {
    format!("c:{id}")
}

/// The room of all sockets of a person.
pub fn user_room(id: UserId) -> String {
    format!("u:{id}")
}

/// The room of all sockets of a session.
pub fn session_room(id: SessionId) -> String {
    format!("s:{id}")
}

/// The room of those who watch a person's presence.
pub fn watch_room(id: UserId) -> String {
    format!("w:{id}")
}

/// The room of sockets that speak the Socket.IO tutorial's dialect ([`tutorial`]).
pub const TUTORIAL_ROOM: &str = "tutorial";

/// The wire underneath a socket.
pub trait Line: Send + Sync {
    /// Ends the connection at once, also when its client takes no more data.
    fn cut(&self);

    /// Whose it is.
    fn session(&self) -> Option<(SessionId, SessionKey)>;
}

/// A socket's line, among its extensions.
#[derive(Clone)]
pub struct SocketLine(pub Arc<dyn Line>);

/// Ends a socket that cannot take what it must be told. Its client comes back and asks for what it missed.
pub fn cut_off(socket: &SocketRef) {
    metrics::counter!("chatconnect_socket_cut_off_total").increment(1);
    hang_up(socket);
}

/// Says good-bye where that is still possible, and ends the connection.
pub fn hang_up(socket: &SocketRef) {
    let line = socket.extensions.get::<SocketLine>();
    // Whatever becomes of the farewell, it hears nothing more.
    socket.leave_all();
    // A full buffer cannot take the farewell; the line is cut all the same.
    if let Err(error) = socket.clone().disconnect() {
        tracing::debug!(%error, "a socket was cut without a farewell");
    }
    if let Some(line) = line {
        line.0.cut();
    }
}

/// The library forgets a socket's rooms once, when it goes: what it enters after that would stay for ever. To be called
/// after a `join` that may come late.
pub fn leave_if_gone(socket: &SocketRef) {
    if !socket.connected() {
        socket.leave_all();
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
    io: SocketIo,
    conversations: Arc<dyn ConversationRepository>,
    /// `general`, once it is known; what is said there is told in the tutorial's dialect too.
    general: OnceLock<ConversationId>,
    /// Counts facts.
    told: AtomicU64,
}

impl SocketPublisher {
    pub fn new(io: SocketIo, conversations: Arc<dyn ConversationRepository>) -> Self {
        Self { io, conversations, general: OnceLock::new(), told: AtomicU64::new(0) }
    }

    async fn tell_tutorial(&self, message: &Message, conversation: ConversationId) {
        let sockets = self.sockets(TUTORIAL_ROOM.to_owned());
        if sockets.is_empty() {
            return;
        }
        if self.general.get().is_none()
            && let Ok(Some(id)) = self.conversations.general().await
        {
            self.general.get_or_init(|| id);
        }
        if self.general.get() == Some(&conversation) {
            sockets.iter().for_each(|socket| tutorial::tell(socket, message.seq, &message.body));
        }
    }

    /// The sockets in these rooms; `None` once the server has closed them all.
    fn to(&self, rooms: Vec<String>) -> Option<BroadcastOperators> {
        Some(self.io.of("/")?.to(rooms))
    }

    fn sockets(&self, room: String) -> Vec<SocketRef> {
        self.to(vec![room]).map(BroadcastOperators::sockets).unwrap_or_default()
    }

    /// Tells everybody in the rooms, each socket once.
    async fn emit<T: Serialize + ?Sized>(&self, rooms: Vec<String>, event: &str, fact: &T) {
        if rooms.is_empty() {
            return;
        }
        let Some(receivers) = self.to(rooms.clone()) else { return };
        // A burst must leave the sockets' writers their turn, or it fills the buffers of healthy clients.
        if self.told.fetch_add(1, Ordering::Relaxed).is_multiple_of(16) {
            tokio::task::yield_now().await;
        }
        let lost = match receivers.emit(event, fact).await {
            Ok(()) => return,
            Err(BroadcastError::Socket(errors)) => {
                errors.iter().filter(|error| matches!(error, SocketError::InternalChannelFull)).count()
            }
            Err(error) => {
                tracing::error!(event, %error, "a fact could not be sent");
                return;
            }
        };
        if lost == 0 {
            return;
        }
        let sockets = self.to(rooms.clone()).map(BroadcastOperators::sockets).unwrap_or_default();
        let full: Vec<SocketRef> = sockets.into_iter().filter(is_full).collect();
        tracing::info!(event, lost, cut_off = full.len(), "slow sockets are cut off");
        full.iter().for_each(cut_off);
        if full.len() < lost {
            // Some had room again before they were found out: let everybody there ask for what they missed.
            if let Some(receivers) = self.to(rooms)
                && let Err(error) = receivers.emit(events::SYNC_NEEDED, &SyncNeeded {}).await
            {
                tracing::warn!(%error, "not everybody who missed a fact could be told so");
            }
        }
    }

    async fn told(&self, conversation: &Conversation, event: &str, rooms: Vec<String>) {
        let fact = ConversationFact { conversation: ConversationUpdate::from(conversation) };
        self.emit(rooms, event, &fact).await;
    }

    async fn enter(&self, conversation: ConversationId, users: &[UserId]) -> Vec<String> {
        let rooms: Vec<String> = users.iter().copied().map(user_room).collect();
        // Joining nobody would leave an empty room behind.
        let anybody = self.to(rooms.clone()).is_some_and(|sockets| !sockets.sockets().is_empty());
        if !rooms.is_empty()
            && anybody
            && let Some(sockets) = self.to(rooms.clone())
        {
            moved(sockets.join(conversation_room(conversation)).await);
        }
        rooms
    }

    async fn leave(&self, who: String, room: String) {
        if let Some(sockets) = self.to(vec![who]) {
            moved(sockets.leave(room).await);
        }
    }
}

fn moved<E: std::fmt::Display>(outcome: Result<(), E>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "sockets could not change rooms");
    }
}

#[async_trait]
impl EventPublisher for SocketPublisher {
    async fn change(&self, change: &Change) {
        match change {
            Change::MessageCreated(message) => {
                let fact = MessageFact { message: Message::from(message.as_ref()) };
                let room = conversation_room(message.conversation);
                self.emit(vec![room], events::MESSAGE_CREATED, &fact).await;
                self.tell_tutorial(&fact.message, message.conversation).await;
            }
            Change::MessageUpdated(message) => {
                let fact = MessageFact { message: Message::from(message.as_ref()) };
                let room = conversation_room(message.conversation);
                self.emit(vec![room], events::MESSAGE_UPDATED, &fact).await;
            }
            Change::ConversationCreated { conversation, members } => {
                self.enter(conversation.id, members).await;
                let room = conversation_room(conversation.id);
                self.told(conversation, events::CONVERSATION_CREATED, vec![room]).await;
            }
            Change::ConversationUpdated(conversation) => {
                let room = conversation_room(conversation.id);
                self.told(conversation, events::CONVERSATION_UPDATED, vec![room]).await;
            }
            Change::MembersJoined { conversation, users, told } => {
                if *told {
                    let room = conversation_room(conversation.id);
                    self.told(conversation, events::CONVERSATION_UPDATED, vec![room]).await;
                }
                let rooms = self.enter(conversation.id, users).await;
                self.told(conversation, events::CONVERSATION_CREATED, rooms).await;
            }
            Change::MemberLeft { conversation, user, told } => {
                let room = conversation_room(conversation.id);
                self.leave(user_room(*user), room.clone()).await;
                if self.general.get() == Some(&conversation.id) {
                    self.sockets(user_room(*user)).iter().for_each(tutorial::end);
                }
                let fact = ConversationRemoved { conversation_id: conversation.id.to_string() };
                self.emit(vec![user_room(*user)], events::CONVERSATION_REMOVED, &fact).await;
                if *told {
                    self.told(conversation, events::CONVERSATION_UPDATED, vec![room]).await;
                }
            }
            Change::ConversationDeleted(id) => {
                let room = conversation_room(*id);
                let fact = ConversationRemoved { conversation_id: id.to_string() };
                self.emit(vec![room.clone()], events::CONVERSATION_REMOVED, &fact).await;
                self.leave(room.clone(), room).await;
            }
            Change::Read { conversation, user, seq, told } => {
                let fact = ConversationRead {
                    conversation_id: conversation.to_string(),
                    user_id: user.to_string(),
                    seq: *seq,
                };
                let room = if *told { conversation_room(*conversation) } else { user_room(*user) };
                self.emit(vec![room], events::CONVERSATION_READ, &fact).await;
            }
        }
    }

    async fn presence(&self, presence: Presence, contacts: &[UserId]) {
        let mut rooms: Vec<String> = contacts.iter().copied().map(user_room).collect();
        rooms.push(watch_room(presence.user));
        let fact = PresenceChanged {
            user_id: presence.user.to_string(),
            status: if presence.online { PresenceStatus::Online } else { PresenceStatus::Offline },
            last_seen_at: presence.last_seen_at.map(Time::from),
        };
        self.emit(rooms, events::PRESENCE_CHANGED, &fact).await;
    }

    async fn typing(&self, conversation: ConversationId, user: UserId, typing: bool) {
        let fact =
            TypingChanged { conversation_id: conversation.to_string(), user_id: user.to_string(), typing };
        let Some(members) = self.to(vec![conversation_room(conversation)]) else { return };
        let others = members.except(user_room(user));
        if let Err(error) = others.emit(events::TYPING_CHANGED, &fact).await {
            tracing::debug!(%error, "somebody's typing was not told to everybody");
        }
    }

    async fn end_sessions(&self, sessions: &[SessionId]) {
        for session in sessions {
            self.sockets(session_room(*session)).iter().for_each(hang_up);
        }
    }

    async fn sync_needed(&self) {
        let Some(everybody) = self.io.of("/") else { return };
        if let Err(error) = everybody.emit(events::SYNC_NEEDED, &SyncNeeded {}).await {
            tracing::warn!(%error, "not everybody could be told to ask for what was missed");
        }
    }

    fn sessions(&self) -> Vec<(SessionId, SessionKey)> {
        let Some(everybody) = self.io.of("/") else { return Vec::new() };
        let lines =
            everybody.sockets().into_iter().filter_map(|socket| socket.extensions.get::<SocketLine>());
        let mut sessions: Vec<_> = lines.filter_map(|line| line.0.session()).collect();
        sessions.sort_unstable_by_key(|(id, _)| *id);
        sessions.dedup();
        sessions
    }
}
