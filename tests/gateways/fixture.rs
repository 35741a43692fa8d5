//! A database, people in it, and short words for what they do.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chatconnect::{
    adapters::gateways::{
        memory::Memory,
        mongo::{Mongo, MongoFeed},
        sqlite::{Sqlite, SqliteOptions},
        system::RandomIds,
    },
    domain::{
        entities::{
            attachment::{Attachment, AttachmentKind, FileName, Upload},
            change::Change,
            conversation::{ConversationKind, ConversationView, Title},
            ids::{AttachmentId, ClientId, ConversationId, MessageId, SessionId, UserId},
            message::{Body, Emoji, Message},
            search_text::SearchQuery,
            timestamp::Timestamp,
            user::{DisplayName, PasswordHash, User, Username},
        },
        interfaces::{
            account_repository::AccountRepository,
            attachment_repository::AttachmentRepository,
            change_feed::{ChangeFeed, FeedEvent},
            conversation_repository::{ConversationRepository, NewConversation},
            health::Health,
            id_generator::IdGenerator,
            invite_repository::InviteRepository,
            message_repository::{MessageRepository, NewMessage, SearchFilter},
            session_repository::SessionRepository,
            user_repository::UserRepository,
        },
    },
};
use futures_util::FutureExt;
use mongodb::bson::{self, Binary, Document, doc, spec::BinarySubtype};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::support::{
    mongod::{self, Mongod, TestDatabase},
    within,
};

/// A database behind its ports.
pub struct Backend {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub attachments: Arc<dyn AttachmentRepository>,
    pub invites: Arc<dyn InviteRepository>,
    pub health: Arc<dyn Health>,
    feed: Mutex<Box<dyn ChangeFeed>>,
    fence: Option<Fence>,
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
        accounts: memory.clone(),
        sessions: memory.clone(),
        conversations: memory.clone(),
        messages: memory.clone(),
        attachments: memory.clone(),
        invites: memory.clone(),
        health: memory,
        feed: Mutex::new(Box::new(feed)),
        fence: None,
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
        accounts: Arc::new(sqlite.accounts()),
        sessions: Arc::new(sqlite.sessions()),
        conversations: Arc::new(sqlite.conversations()),
        messages: Arc::new(sqlite.messages()),
        attachments: Arc::new(sqlite.attachments()),
        invites: Arc::new(sqlite.invites()),
        health: Arc::new(sqlite.health()),
        feed: Mutex::new(Box::new(feed)),
        fence: None,
        _keep: Box::new(keep),
    }
}

pub async fn mongo() -> Backend {
    let database = TestDatabase::new();
    let (mongo, feed) = opened(database.url()).await;
    let fence = Fence::on(database.url()).await;
    of_mongo(&mongo, feed, Some(fence), database)
}

pub async fn standalone(mongod: &Mongod) -> Backend {
    let (mongo, feed) = opened(&mongod.url(&format!("test-{}", crate::support::uuid()))).await;
    of_mongo(&mongo, feed, None, ())
}

/// One node's way to a database.
pub async fn opened(url: &str) -> (Mongo, MongoFeed) {
    let (mongo, feed) = Mongo::open(url).unwrap();
    mongo.prepare().await.unwrap();
    (mongo, feed)
}

pub fn of_mongo(
    mongo: &Mongo,
    feed: impl ChangeFeed + 'static,
    fence: Option<Fence>,
    keep: impl Any + Send + Sync,
) -> Backend {
    Backend {
        users: Arc::new(mongo.users()),
        accounts: Arc::new(mongo.accounts()),
        sessions: Arc::new(mongo.sessions()),
        conversations: Arc::new(mongo.conversations()),
        messages: Arc::new(mongo.messages()),
        attachments: Arc::new(mongo.attachments()),
        invites: Arc::new(mongo.invites()),
        health: Arc::new(mongo.health()),
        feed: Mutex::new(Box::new(feed)),
        fence,
        _keep: Box::new((mongo.clone(), keep)),
    }
}

/// Makes something come out of a feed that lags behind what was written: what came before it is all there was.
pub struct Fence {
    sessions: mongodb::Collection<Document>,
    /// Ids of sessions of nobody, to be ended one by one.
    spare: Mutex<Vec<SessionId>>,
}

impl Fence {
    pub async fn on(url: &str) -> Self {
        let database = mongod::client(url).await.default_database().unwrap();
        Self { sessions: database.collection("sessions"), spare: Mutex::default() }
    }

    fn key(id: SessionId) -> Document {
        let bytes = id.as_uuid().into_bytes();
        let key = Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() };
        doc! { "id": bson::Uuid::from_bytes(bytes), "key": key }
    }

    /// Ends a session, whose end the feed will tell.
    async fn put(&self) -> SessionId {
        let mut spare = self.spare.lock().await;
        if spare.is_empty() {
            *spare = (0..100).map(|_| SessionId::from_uuid(RandomIds.next())).collect();
            let documents = spare.iter().map(|id| doc! { "_id": Self::key(*id) });
            self.sessions.insert_many(documents).await.unwrap();
        }
        let id = spare.pop().unwrap();
        self.sessions.delete_one(doc! { "_id": Self::key(id) }).await.unwrap();
        id
    }
}

static IDS: AtomicU64 = AtomicU64::new(1);

/// UUIDs of version 7 that count up, three to a millisecond.
pub fn uuid() -> Uuid {
    let count = IDS.fetch_add(1, Ordering::Relaxed);
    let millis = 0x0198_0000_0000 + u128::from(count / 3);
    Uuid::from_u128(millis << 80 | 7 << 76 | 2 << 62 | u128::from(count))
}

/// In the year 2100, since a database removes by itself what has expired.
pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(4_102_444_800_000 + millis)
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

/// An upload that no message has yet.
pub fn an_upload(owner: UserId) -> Upload {
    let attachment = Attachment {
        id: AttachmentId::from_uuid(uuid()),
        kind: AttachmentKind::Image,
        name: FileName::clean("olá.png"),
        content_type: "image/png".into(),
        size: 5_000_000_000,
        width: Some(800),
        height: Some(600),
        duration_ms: None,
        has_thumbnail: true,
    };
    Upload { attachment, owner, created_at: at(500), claim: None }
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
        avatar: None,
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
        attachments: Vec::new(),
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
        let page = self.messages.search(user, &query, &SearchFilter::default(), None, 100).await.unwrap();
        page.messages.into_iter().map(|message| message.id).collect()
    }

    /// What came into the feed since the last time. What was answered is in it.
    pub async fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut feed = self.feed.lock().await;
        if let Some(fence) = &self.fence {
            let fence = fence.put().await;
            loop {
                match within("the feed tells", feed.next()).await.expect("the feed has not ended") {
                    FeedEvent::Change(change) => changes.push(change),
                    FeedEvent::SessionEnded { id, .. } if id == fence => return changes,
                    FeedEvent::SessionEnded { .. } => {}
                    FeedEvent::Gap => panic!("something may be missing"),
                }
            }
        }
        // Unconstrained: a task that has taken many may otherwise be told that there is none, to make it yield.
        while let Some(event) = tokio::task::unconstrained(feed.next()).now_or_never() {
            match event.expect("the feed has not ended") {
                FeedEvent::Change(change) => changes.push(change),
                other => panic!("not a change: {other:?}"),
            }
        }
        changes
    }

    /// The next change, which must come.
    pub async fn change(&self) -> Option<Change> {
        let mut feed = self.feed.lock().await;
        loop {
            match within("a change comes", feed.next()).await? {
                FeedEvent::Change(change) => return Some(change),
                FeedEvent::SessionEnded { .. } => {}
                FeedEvent::Gap => panic!("something may be missing"),
            }
        }
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
