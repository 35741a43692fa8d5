//! Memory gateways, and stand-ins for time, ids, passwords and sockets that write down what happened.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use async_trait::async_trait;
use chatconnect::{
    adapters::gateways::{blobs::ObjectBlobs, memory::Memory},
    config::uploads::BlobPlace,
    domain::{
        entities::{
            actor::Actor,
            change::Change,
            conversation::ConversationKind,
            ids::{ConversationId, SessionId, UserId},
            marks::Marks,
            presence::Presence,
            session::{Session, SessionKey},
            timestamp::Timestamp,
            user::{DisplayName, NewPassword, PasswordHash, User, Username},
        },
        error::{DomainError, Result},
        interfaces::{
            account_repository::AccountRepository,
            attachment_repository::AttachmentRepository,
            blob_store::BlobStore,
            clock::Clock,
            conversation_repository::{ConversationRepository, NewConversation},
            event_publisher::EventPublisher,
            id_generator::IdGenerator,
            invite_repository::InviteRepository,
            mark_repository::MarkRepository,
            password_hasher::PasswordHasher,
            password_screen::PasswordScreen,
            rate_limiter::{Action, RateLimiter, Subject},
            session_repository::SessionRepository,
            user_repository::UserRepository,
        },
        usecases::attachments::tidy::Tidy,
    },
};
use uuid::Uuid;

/// Stands still until it is told to go on.
pub struct StillClock(AtomicI64);

impl StillClock {
    pub fn forward(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// 1, 2, 3 …
#[derive(Default)]
pub struct Counted(AtomicU64);

impl IdGenerator for Counted {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::SeqCst)) + 1)
    }

    fn secret(&self) -> Uuid {
        self.next()
    }
}

/// What was published, besides changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Presence(Presence, Vec<UserId>),
    Typing(ConversationId, UserId, bool),
    Ended(Vec<SessionId>),
    SyncNeeded,
    Marks(UserId, Marks),
    User(User, Vec<UserId>),
    UserGone(UserId, Vec<UserId>),
    CutOff(UserId),
}

#[derive(Default)]
pub struct Heard {
    told: Mutex<Vec<Told>>,
    /// Whose sockets are connected.
    pub connected: Mutex<Vec<(SessionId, SessionKey)>>,
    /// Who has sockets.
    pub listening: Mutex<Vec<UserId>>,
}

impl Heard {
    /// What was published since the last call.
    pub fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn push(&self, told: Told) {
        self.told.lock().unwrap().push(told);
    }
}

#[async_trait]
impl EventPublisher for Heard {
    async fn change(&self, _: &Change) {}

    async fn flush(&self) {}

    async fn presence(&self, presence: Presence, contacts: &[UserId]) {
        let mut contacts = contacts.to_vec();
        contacts.sort_unstable();
        self.push(Told::Presence(presence, contacts));
    }

    async fn marks(&self, user: UserId, marks: &Marks) {
        self.push(Told::Marks(user, marks.clone()));
    }

    async fn user_gone(&self, user: UserId, contacts: &[UserId]) {
        self.push(Told::UserGone(user, contacts.to_vec()));
    }

    async fn user(&self, user: &User, contacts: &[UserId]) {
        self.push(Told::User(user.clone(), contacts.to_vec()));
    }

    fn has_sockets(&self, user: UserId) -> bool {
        self.listening.lock().unwrap().contains(&user)
    }

    fn untold(&self, _: &DomainError) {}

    async fn cut_off(&self, user: UserId) {
        self.push(Told::CutOff(user));
    }

    async fn typing(&self, conversation: ConversationId, user: UserId, typing: bool) {
        self.push(Told::Typing(conversation, user, typing));
    }

    async fn end_sessions(&self, sessions: &[SessionId]) {
        self.push(Told::Ended(sessions.to_vec()));
    }

    async fn sync_needed(&self) {
        self.push(Told::SyncNeeded);
    }

    fn connections(&self) -> u64 {
        self.connected.lock().unwrap().len() as u64
    }

    fn sessions(&self) -> Vec<(SessionId, SessionKey)> {
        self.connected.lock().unwrap().clone()
    }
}

/// A password's hash is the password; what was verified is written down.
#[derive(Default)]
pub struct PlainHasher(pub Mutex<Vec<(String, Option<String>)>>);

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash> {
        Ok(PasswordHash::new(password.as_str()))
    }

    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool> {
        let hash = hash.map(|hash| hash.as_str().to_owned());
        let right = hash.as_ref() == Some(&password);
        self.0.lock().unwrap().push((password, hash));
        Ok(right)
    }
}

pub struct NothingIsCommon;

impl PasswordScreen for NothingIsCommon {
    fn is_common(&self, _: &str) -> bool {
        false
    }
}

/// Lets everything pass, and writes down what was asked.
#[derive(Default)]
pub struct Unlimited(pub Mutex<Vec<(Action, Subject)>>);

impl RateLimiter for Unlimited {
    fn check(&self, action: Action, subject: &Subject) -> Result<()> {
        self.0.lock().unwrap().push((action, subject.clone()));
        Ok(())
    }
}

pub struct Stage {
    pub memory: Memory,
    pub clock: Arc<StillClock>,
    pub ids: Arc<Counted>,
    pub heard: Arc<Heard>,
    pub hasher: Arc<PlainHasher>,
    pub limits: Arc<Unlimited>,
    pub blobs: Arc<dyn BlobStore>,
}

pub const PASSWORD: &str = "goiabada com queijo";

impl Stage {
    pub fn new() -> Self {
        Self {
            memory: Memory::new().0,
            // The year 2100: the cache of sessions goes by the machine's clock, and nothing may have expired there.
            clock: Arc::new(StillClock(AtomicI64::new(4_102_444_800_000))),
            ids: Arc::default(),
            heard: Arc::default(),
            hasher: Arc::default(),
            limits: Arc::default(),
            blobs: Arc::new(ObjectBlobs::open(&BlobPlace::Memory).unwrap()),
        }
    }

    pub fn users(&self) -> Arc<dyn UserRepository> {
        Arc::new(self.memory.clone())
    }

    pub fn accounts(&self) -> Arc<dyn AccountRepository> {
        Arc::new(self.memory.clone())
    }

    pub fn conversations(&self) -> Arc<dyn ConversationRepository> {
        Arc::new(self.memory.clone())
    }

    pub fn attachments(&self) -> Arc<dyn AttachmentRepository> {
        Arc::new(self.memory.clone())
    }

    pub fn invites(&self) -> Arc<dyn InviteRepository> {
        Arc::new(self.memory.clone())
    }

    pub fn marks(&self) -> Arc<dyn MarkRepository> {
        Arc::new(self.memory.clone())
    }

    pub fn tidy(&self) -> Arc<Tidy> {
        Arc::new(Tidy { attachments: self.attachments(), blobs: Arc::clone(&self.blobs) })
    }

    pub fn publisher(&self) -> Arc<dyn EventPublisher> {
        Arc::clone(&self.heard) as _
    }

    /// A new person, through one session.
    pub async fn person(&self, name: &str) -> Actor {
        let username = Username::parse(name).unwrap();
        let user = User {
            id: UserId::from_uuid(self.ids.next()),
            display_name: DisplayName::from(&username),
            username,
            locale: None,
            avatar: None,
            created_at: self.clock.now(),
            last_seen_at: None,
        };
        let general = ConversationId::from_uuid(self.ids.next());
        self.memory.create_user(&user, &PasswordHash::new(PASSWORD), general).await;
        self.session(user.id).await
    }

    /// Another session of a person.
    pub async fn session(&self, user: UserId) -> Actor {
        let session = SessionId::from_uuid(self.ids.next());
        SessionRepository::create(&self.memory, &self.record(user, session)).await.unwrap();
        Actor { user, session }
    }

    pub fn record(&self, user: UserId, id: SessionId) -> Session {
        let now = self.clock.now();
        Session {
            key: SessionKey::from_bytes(*id.as_bytes()),
            id,
            user,
            device: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at: Timestamp::from_millis(now.as_millis() + 1_000_000),
        }
    }

    pub async fn converse(&self, kind: ConversationKind, members: &[Actor]) -> ConversationId {
        let new = NewConversation {
            id: ConversationId::from_uuid(self.ids.next()),
            kind,
            title: None,
            creator: members[0].user,
            others: members[1..].iter().map(|actor| actor.user).collect(),
            created_at: self.clock.now(),
        };
        ConversationRepository::create(&self.memory, &new).await.unwrap().0.conversation.id
    }
}

/// `Memory` is three repositories with a `create` each.
trait CreateUser {
    async fn create_user(&self, user: &User, hash: &PasswordHash, general: ConversationId);
}

impl CreateUser for Memory {
    async fn create_user(&self, user: &User, hash: &PasswordHash, general: ConversationId) {
        UserRepository::create(self, user, hash, general).await.unwrap();
    }
}
