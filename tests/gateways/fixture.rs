//! A database, people in it, and short words for what they do.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chatconnect::{
    adapters::gateways::{
        memory::Memory,
        sqlite::{Sqlite, SqliteOptions},
    },
    domain::{
        entities::{
            change::Change,
            conversation::{ConversationKind, ConversationView, Title},
            ids::{ClientId, ConversationId, MessageId, SessionId, UserId},
            message::{Body, Emoji, Message},
            search_text::SearchQuery,
            timestamp::Timestamp,
            user::{DisplayName, PasswordHash, User, Username},
        },
        interfaces::{
            change_feed::ChangeFeed,
            conversation_repository::{ConversationRepository, NewConversation},
            health::Health,
            message_repository::{MessageRepository, NewMessage},
            session_repository::SessionRepository,
            user_repository::UserRepository,
        },
    },
};
use futures_util::FutureExt;
use tokio::sync::Mutex;
use uuid::Uuid;

/// A database behind its ports.
pub struct Backend {
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub health: Arc<dyn Health>,
    feed: Mutex<Box<dyn ChangeFeed>>,
    /// What must live as long as the database: a directory, a server.
    _keep: Box<dyn Any + Send + Sync>,
}

pub async fn memory() -> Backend {
    let (memory, feed) = Memory::new();
    of_memory(memory, feed)
}

pub fn of_memory(memory: Memory, feed: impl ChangeFeed + 'static) -> Backend {
    let memory = Arc::new(memory);
    Backend {
        users: memory.clone(),
        sessions: memory.clone(),
        conversations: memory.clone(),
        messages: memory.clone(),
        health: memory,
        feed: Mutex::new(Box::new(feed)),
        _keep: Box::new(()),
    }
}

pub async fn sqlite() -> Backend {
    let directory = tempfile::tempdir().unwrap();
    let (sqlite, feed) = Sqlite::open(&directory.path().join("chat.db"), SqliteOptions::default()).unwrap();
    of_sqlite(&sqlite, feed, directory)
}

pub fn of_sqlite(sqlite: &Sqlite, feed: impl ChangeFeed + 'static, keep: impl Any + Send + Sync) -> Backend {
    Backend {
        users: Arc::new(sqlite.users()),
        sessions: Arc::new(sqlite.sessions()),
        conversations: Arc::new(sqlite.conversations()),
        messages: Arc::new(sqlite.messages()),
        health: Arc::new(sqlite.health()),
        feed: Mutex::new(Box::new(feed)),
        _keep: Box::new(keep),
    }
}

static IDS: AtomicU64 = AtomicU64::new(1);

/// UUIDs of version 7 that count up, three to a millisecond.
pub fn uuid() -> Uuid {
    let count = IDS.fetch_add(1, Ordering::Relaxed);
    let millis = 0x0198_0000_0000 + u128::from(count / 3);
    Uuid::from_u128(millis << 80 | 7 << 76 | 2 << 62 | u128::from(count))
}

pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + millis)
}

pub fn user_id() -> UserId {
    UserId::from_uuid(uuid())
}

pub fn conversation_id() -> ConversationId {
    ConversationId::from_uuid(uuid())
}

pub fn message_id() -> MessageId {
    MessageId::from_uuid(uuid())
}

pub fn session_id() -> SessionId {
    SessionId::from_uuid(uuid())
}

pub fn client_id() -> ClientId {
    ClientId::parse(&uuid().to_string()).unwrap()
}

pub fn username(name: &str) -> Username {
    Username::parse(name).unwrap()
}

pub fn title(title: &str) -> Title {
    Title::parse(title).unwrap()
}

pub fn body(text: &str) -> Body {
    Body::parse(text).unwrap()
}

pub fn emoji(text: &str) -> Emoji {
    Emoji::parse(text).unwrap()
}

pub fn hash() -> PasswordHash {
    PasswordHash::new("$2b$04$hash")
}

pub fn a_user(name: &str, display: &str) -> User {
    User {
        id: user_id(),
        username: username(name),
        display_name: DisplayName::parse(display).unwrap(),
        locale: None,
        created_at: at(0),
        last_seen_at: None,
    }
}

pub fn a_conversation(
    kind: ConversationKind,
    name: Option<&str>,
    creator: UserId,
    others: &[UserId],
) -> NewConversation {
    NewConversation {
        id: conversation_id(),
        kind,
        title: name.map(title),
        creator,
        others: others.to_vec(),
        created_at: at(1_000),
    }
}

pub fn a_message(conversation: ConversationId, sender: UserId, text: &str) -> NewMessage {
    NewMessage {
        id: message_id(),
        conversation,
        sender,
        client_id: client_id(),
        body: body(text),
        reply_to: None,
        created_at: at(2_000),
    }
}

impl Backend {
    /// Somebody who registered.
    pub async fn user(&self, name: &str) -> UserId {
        let user = a_user(name, name);
        self.users.create(&user, &hash(), conversation_id()).await.unwrap();
        user.id
    }

    /// `count` people who registered.
    pub async fn crowd(&self, count: usize) -> Vec<UserId> {
        let mut crowd = Vec::new();
        for number in 0..count {
            crowd.push(self.user(&format!("user{number:05}")).await);
        }
        crowd
    }

    pub async fn create(&self, new: NewConversation) -> ConversationView {
        self.conversations.create(&new).await.unwrap().0
    }

    pub async fn group(&self, creator: UserId, others: &[UserId]) -> ConversationId {
        self.create(a_conversation(ConversationKind::Group, Some("Group"), creator, others))
            .await
            .conversation
            .id
    }

    pub async fn direct(&self, creator: UserId, other: UserId) -> ConversationId {
        self.create(a_conversation(ConversationKind::Direct, None, creator, &[other])).await.conversation.id
    }

    pub async fn channel(&self, creator: UserId, name: &str) -> ConversationId {
        self.create(a_conversation(ConversationKind::Channel, Some(name), creator, &[])).await.conversation.id
    }

    pub async fn general(&self) -> ConversationId {
        self.conversations.general().await.unwrap().unwrap()
    }

    pub async fn send(&self, conversation: ConversationId, sender: UserId, text: &str) -> Message {
        let (message, new) = self.messages.append(&a_message(conversation, sender, text)).await.unwrap();
        assert!(new);
        message
    }

    pub async fn view(&self, conversation: ConversationId, user: UserId) -> ConversationView {
        self.conversations.view(conversation, user).await.unwrap()
    }

    pub async fn find(&self, text: &str, user: UserId) -> Vec<MessageId> {
        let query = SearchQuery::parse(text).unwrap();
        let page = self.messages.search(user, &query, None, None, 100).await.unwrap();
        page.messages.into_iter().map(|message| message.id).collect()
    }

    /// What came into the feed since the last time. A change is there before its command is answered.
    pub async fn changes(&self) -> Vec<Change> {
        let mut feed = self.feed.lock().await;
        let mut changes = Vec::new();
        // Unconstrained: a task that has taken many may otherwise be told that there is none, to make it yield.
        while let Some(change) = tokio::task::unconstrained(feed.next()).now_or_never() {
            changes.push(change.expect("the feed has not ended"));
        }
        changes
    }

    /// The next change, which must come.
    pub async fn change(&self) -> Option<Change> {
        let mut feed = self.feed.lock().await;
        tokio::time::timeout(Duration::from_secs(10), feed.next()).await.expect("a change comes")
    }
}

/// The conversations whose objects are in a list, in its order.
pub fn ids(views: &[ConversationView]) -> Vec<ConversationId> {
    views.iter().map(|view| view.conversation.id).collect()
}

/// Checks what a call was refused with.
macro_rules! refused {
    ($call:expr, $($error:tt)+) => {{
        let error = $call.await.expect_err("is refused");
        assert!(matches!(&error, $($error)+), "{error:?}");
        error
    }};
}
pub(crate) use refused;
