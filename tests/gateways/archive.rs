//! What one database holds another one takes, whatever kinds they are.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use chatconnect::{
    adapters::gateways::{
        archive_file::{JsonLinesFile, JsonLinesWriter, LineFingerprints},
        memory::Memory,
        mongo::{self, Mongo, MongoSource, MongoTarget},
        sqlite::{self, Sqlite, SqliteOptions, SqliteSource, SqliteTarget},
    },
    domain::{
        entities::{
            account::AccountPatch,
            archive::{ArchivedConversation, ArchivedMember, ArchivedUser, Key, Record, Summary},
            attachment::Upload,
            conversation::{ConversationKind, Role},
            ids::{ConversationId, NodeId, UserId},
            message::{Message, Reaction},
            registration::Registration,
            session::{Session, SessionKey},
            timestamp::Timestamp,
            user::{Locale, PasswordHash, ProfilePatch, User},
        },
        error::{DomainError, archive::ArchiveError},
        interfaces::{
            archive::{ArchiveSource, ArchiveTarget, TargetState},
            change_feed::{ChangeFeed, FeedEvent},
            clock::Clock,
            message_repository::{NewMessage, SyncLimits, Window},
            node_registry::{NODE_LIFE, NodeRegistry},
            progress::{Progress, Step},
        },
        usecases::archive::{export::Export, import::Import, migrate::Migrate},
    },
};
use futures_util::future::BoxFuture;
use proptest::prelude::*;
use tempfile::TempDir;

use super::{fixture::*, model};
use crate::support::mongod::{Mongod, TestDatabase};

/// A database that can be served, read and filled, one after the other.
enum Place {
    Memory(Memory),
    Sqlite(TempDir),
    /// With its address, and what must live as long.
    Mongo(String, #[expect(dead_code, reason = "goes when this goes")] Option<TestDatabase>),
}

async fn memory_place() -> Place {
    Place::Memory(Memory::new().0)
}

async fn sqlite_place() -> Place {
    Place::Sqlite(tempfile::tempdir().unwrap())
}

async fn mongo_place() -> Place {
    let database = TestDatabase::new();
    Place::Mongo(database.url().to_owned(), Some(database))
}

fn standalone_place(mongod: &Mongod) -> Place {
    Place::Mongo(mongod.url(&format!("test-{}", crate::support::uuid())), None)
}

/// A database that is served.
struct Served {
    db: Backend,
    close: BoxFuture<'static, ()>,
}

impl Served {
    async fn close(self) {
        self.close.await;
    }
}

impl Place {
    fn file(directory: &TempDir) -> PathBuf {
        directory.path().join("chat.db")
    }

    async fn serve(&self) -> Served {
        match self {
            Self::Memory(memory) => {
                Served { db: of_memory(memory.clone(), NoFeed), close: Box::pin(async {}) }
            }
            Self::Sqlite(directory) => {
                let (sqlite, feed) = Sqlite::open(&Self::file(directory), SqliteOptions::default()).unwrap();
                let db = of_sqlite(&sqlite, feed, ());
                Served { db, close: Box::pin(async move { sqlite.close().await }) }
            }
            Self::Mongo(url, _) => {
                let (mongo, _) = opened(url).await;
                let db = of_mongo(&mongo, NoFeed, None, ());
                Served { db, close: Box::pin(async move { mongo.close().await }) }
            }
        }
    }

    async fn source(&self) -> Arc<dyn ArchiveSource> {
        match self {
            Self::Memory(memory) => Arc::new(memory.clone()),
            Self::Sqlite(directory) => Arc::new(SqliteSource::open(&Self::file(directory)).unwrap()),
            Self::Mongo(url, _) => Arc::new(MongoSource::open(url).await.unwrap()),
        }
    }

    async fn target(&self) -> Arc<dyn ArchiveTarget> {
        match self {
            Self::Memory(memory) => Arc::new(memory.clone()),
            Self::Sqlite(directory) => Arc::new(SqliteTarget::open(&Self::file(directory)).unwrap()),
            Self::Mongo(url, _) => Arc::new(MongoTarget::open(url).await.unwrap()),
        }
    }
}

/// What is told is nobody's business here.
struct NoFeed;

#[async_trait::async_trait]
impl ChangeFeed for NoFeed {
    async fn next(&mut self) -> Option<FeedEvent> {
        std::future::pending().await
    }

    fn try_next(&mut self) -> Option<FeedEvent> {
        None
    }
}

/// When everything here is moved.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        at(10_000)
    }
}

/// Sessions that are to be carried last longer than the move and what is left out when it is compared.
const LATER: i64 = 10_000_000;

struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: Step, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}

async fn migrate(from: &Place, to: &Place) -> Result<Summary, ArchiveError> {
    let migrate = Migrate {
        source: from.source().await,
        target: to.target().await,
        fingerprints: Arc::new(LineFingerprints),
        clock: Arc::new(Noon),
        progress: Arc::new(Quiet),
    };
    migrate.execute("a test").await
}

async fn export(from: &Place, path: &std::path::Path) -> Summary {
    let mut writer = JsonLinesWriter::create(path).unwrap();
    let export = Export { source: from.source().await, clock: Arc::new(Noon), progress: Arc::new(Quiet) };
    export.execute(&mut writer).await.unwrap()
}

async fn import(file: JsonLinesFile, to: &Place) -> Result<Summary, ArchiveError> {
    let import = Import {
        target: to.target().await,
        fingerprints: Arc::new(LineFingerprints),
        clock: Arc::new(Noon),
        progress: Arc::new(Quiet),
    };
    import.execute(&file).await
}

/// Everything, a few records at a time.
async fn records(source: &dyn ArchiveSource) -> Vec<Record> {
    const LIMIT: u32 = 3;
    macro_rules! all {
        ($kind:ident, $read:ident, $row:pat => $key:expr) => {{
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let page = source.$read(after, LIMIT).await.unwrap();
                assert!(page.len() <= LIMIT as usize);
                let Some($row) = page.last() else { break };
                after = Some($key);
                let full = page.len() == LIMIT as usize;
                all.extend(page.into_iter().map(Record::$kind));
                if !full {
                    assert!(source.$read(after, LIMIT).await.unwrap().is_empty());
                    break;
                }
            }
            all
        }};
    }
    let mut records = all!(User, users, row => row.user.id);
    records.extend(all!(Gone, gone, row => row.id));
    records.extend(all!(Session, sessions, row => row.key));
    records.extend(all!(Conversation, conversations, row => row.id));
    records.extend(all!(Member, members, row => (row.conversation, row.user)));
    records.extend(all!(Message, messages, row => row.id));
    records.extend(source.registration().await.unwrap().map(Record::Registration));
    records.extend(all!(Block, blocks, row => (row.blocker, row.blocked)));
    assert!(records.is_sorted_by(|a, b| a.key() < b.key()));
    assert_eq!(source.counts().await.unwrap().total(), records.len() as u64);
    records
}

/// Makes each function a test of moving between each two kinds of database.
macro_rules! moves {
    (@on $name:ident $from:ident $to:ident: $($test:ident)*) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(super::$from().await, super::$to().await).await;
                }
            )*
        }
    };
    // One server for all of them: starting one takes longer than a test.
    (@standalone $($test:ident)*) => {
        mod standalone {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn all_of_it() {
                let mongod = super::Mongod::standalone().await;
                $(
                    println!("{}", stringify!($test));
                    let (from, to) = (super::standalone_place(&mongod), super::sqlite_place().await);
                    Box::pin(super::$test(from, to)).await;
                    let (from, to) = (super::sqlite_place().await, super::standalone_place(&mongod));
                    Box::pin(super::$test(from, to)).await;
                )*
            }
        }
    };
    ($($test:ident),* $(,)?) => {
        moves!(@on memory_to_memory memory_place memory_place: $($test)*);
        moves!(@on memory_to_sqlite memory_place sqlite_place: $($test)*);
        moves!(@on sqlite_to_memory sqlite_place memory_place: $($test)*);
        moves!(@on sqlite_to_sqlite sqlite_place sqlite_place: $($test)*);
        moves!(@on sqlite_to_mongo sqlite_place mongo_place: $($test)*);
        moves!(@on mongo_to_sqlite mongo_place sqlite_place: $($test)*);
        moves!(@on mongo_to_mongo mongo_place mongo_place: $($test)*);
        moves!(@standalone $($test)*);
    };
}

moves!(
    a_chat_goes_on_in_another_database,
    an_archive_holds_everything,
    an_archive_comes_through_a_pipe,
    records_that_no_client_can_make_are_carried_too,
    many_records_take_several_pages,
    sessions_that_end_are_left_behind,
    what_is_not_empty_is_refused,
    what_was_begun_is_gone_on_with,
    what_is_written_twice_is_stored_once,
    what_differs_is_found,
    what_administrators_decided_and_who_is_gone_is_carried,
    blocks_are_carried_and_hold,
);

/// A chat with one of everything.
struct Chat {
    ana: UserId,
    bob: UserId,
    carla: UserId,
    general: ConversationId,
    group: ConversationId,
    direct: ConversationId,
    channel: ConversationId,
    sent: Vec<Message>,
    session: Session,
}

async fn fill(db: &Backend) -> Chat {
    let (ana, bob, carla) = (db.user("ana").await, db.user("bob").await, db.user("carla").await);
    let locale = Some(Locale::parse("pt-BR").unwrap());
    let avatar = Some(Some(an_upload(carla).attachment.id));
    db.users.update_profile(carla, &ProfilePatch { display_name: None, locale, avatar }).await.unwrap();
    db.users.set_password_hash(bob, &PasswordHash::new("$2b$04$another")).await.unwrap();
    db.users.set_last_seen(ana, at(5_000)).await.unwrap();
    let session = Session {
        key: SessionKey::from_bytes([9; 16]),
        id: session_id(),
        user: bob,
        device: "Firefox \"on\" Ubuntu\\é\u{7f}".into(),
        created_at: at(1),
        last_seen_at: at(2),
        expires_at: at(LATER),
    };
    assert!(db.sessions.create(&session).await.unwrap());
    let (general, group) = (db.general().await, db.group(ana, &[bob, carla]).await);
    let (direct, channel) = (db.direct(carla, ana).await, db.channel(bob, "São Paulo").await);
    db.group(carla, &[]).await;
    let mut sent = Vec::new();
    for (conversation, sender, text) in [
        (group, ana, "first words\nand \"more\" \\ 🎉 \u{1}"),
        (group, bob, "an answer"),
        (group, carla, "will be deleted"),
        (group, bob, "from one who leaves"),
        (direct, carla, "just for you"),
        (general, ana, "to everybody"),
        (channel, bob, "news"),
    ] {
        let reply_to = (text == "an answer").then(|| sent.first().map(|first: &Message| first.id)).flatten();
        let files = if matches!(text, "an answer" | "will be deleted") { 2 } else { 0 };
        let attachments = (0..files).map(|_| an_upload(sender).attachment).collect();
        let new = NewMessage { reply_to, attachments, ..a_message(conversation, sender, text) };
        sent.push(db.messages.append(&new).await.unwrap().0);
    }
    for (user, face) in [(bob, "👍"), (carla, "🎉"), (ana, "👍"), (carla, "👍")] {
        db.messages.react(sent[0].id, user, &emoji(face), true).await.unwrap();
    }
    // The emoji keeps its place, although the one who used it first has taken it back.
    db.messages.react(sent[0].id, bob, &emoji("👍"), false).await.unwrap();
    db.messages.edit(sent[1].id, &body("an edited answer"), at(3_000)).await.unwrap();
    db.messages.delete(sent[2].id, at(4_000)).await.unwrap();
    db.conversations.mark_read(group, carla, 4).await.unwrap();
    db.conversations.remove_member(group, bob).await.unwrap();
    // Takes a rev that no message has.
    db.conversations.rename(group, Some(&title("Renamed"))).await.unwrap();
    Chat { ana, bob, carla, general, group, direct, channel, sent, session }
}

/// Everything that people can see.
async fn story(db: &Backend, chat: &Chat) -> Vec<String> {
    let mut story = Vec::new();
    let all = SyncLimits { messages: 1_000, recent: 1_000, reset_after: 1_000 };
    for user in [chat.ana, chat.bob, chat.carla] {
        story.push(format!("{:#?}", db.users.find(user).await));
        story.push(format!("{:?}", db.users.password_hash(user).await.unwrap().as_str()));
        story.push(format!("{:#?}", db.conversations.list(user).await));
        let mut page = db.messages.sync(user, &HashMap::new(), all).await.unwrap();
        let mut reads: Vec<_> = page.reads.drain().collect();
        reads.sort_unstable();
        story.push(format!("{page:#?} {reads:?}"));
        for query in ["answer", "words", "delet", "🎉", "paulo"] {
            story.push(format!("{:?}", db.find(query, user).await));
        }
        let mut contacts = db.users.contacts(user).await.unwrap();
        contacts.sort_unstable();
        story.push(format!("{contacts:?}"));
    }
    for name in ["an", "bo", "c"] {
        story.push(format!("{:?}", db.users.search(name, None, 9).await.unwrap()));
    }
    for conversation in [chat.general, chat.group, chat.direct, chat.channel] {
        story.push(format!("{:#?}", db.messages.list(conversation, Window::Newest, 200).await));
        story.push(format!("{:#?}", db.conversations.members(conversation, None, 100).await));
    }
    story.push(format!("{:#?}", db.conversations.channels(chat.ana, "", None, 9).await));
    story.push(format!("{:#?}", db.sessions.find(&chat.session.key, at(3)).await));
    story.push(format!("{:#?}", db.sessions.list(chat.bob, at(3)).await));
    story
}

/// What people do afterwards, the same in both databases.
async fn go_on(db: &Backend, chat: &Chat, newcomer: &User, news: &[NewMessage]) -> Vec<String> {
    let mut story = Vec::new();
    db.users.create(newcomer, &hash(), chat.general).await.unwrap();
    for new in news {
        story.push(format!("{:#?}", db.messages.append(new).await));
    }
    let first = chat.sent[0].id;
    for (user, face, on) in [(chat.ana, "🎉", true), (chat.carla, "👍", false), (chat.bob, "👍", true)]
    {
        story.push(format!("{:#?}", db.messages.react(first, user, &emoji(face), on).await));
    }
    story.push(format!("{:#?}", db.messages.edit(first, &body("new words"), at(9_000)).await));
    story.push(format!("{:#?}", db.messages.delete(chat.sent[4].id, at(9_000)).await));
    // The direct conversation is found, not doubled; the channel's title is taken.
    let mut direct = a_conversation(ConversationKind::Direct, None, chat.ana, &[chat.carla]);
    direct.id = chat.general;
    story.push(format!("{:#?}", db.conversations.create(&direct).await));
    let mut taken = a_conversation(ConversationKind::Channel, Some("são PAULO"), chat.ana, &[]);
    taken.id = chat.group;
    story.push(format!("{:#?}", db.conversations.create(&taken).await));
    story.push(format!("{:#?}", db.conversations.remove_member(chat.group, chat.ana).await));
    story.push(format!("{:#?}", db.conversations.add_members(chat.group, &[chat.bob], at(9_000)).await));
    story.push(format!("{:#?}", db.conversations.mark_read(chat.channel, chat.bob, 1).await));
    db.sessions.touch(&chat.session.key, at(3), at(LATER + 1)).await.unwrap();
    story
}

async fn is_the_same(from: &Place, to: &Place, chat: &Chat) {
    let (old, new) = (from.serve().await, to.serve().await);
    assert_eq!(story(&old.db, chat).await, story(&new.db, chat).await);
    // A repeat, new messages, and one that answers an old one.
    let mut repeated = a_message(chat.direct, chat.sent[0].sender, "repeated");
    repeated.client_id = chat.sent[0].client_id.clone();
    let answer = NewMessage {
        reply_to: Some(chat.sent[2].id),
        ..a_message(chat.group, chat.carla, "one more answer")
    };
    let news =
        [repeated, a_message(chat.group, chat.ana, "next"), answer, a_message(chat.general, chat.bob, "x")];
    let newcomer = a_user("dora", "Dora");
    assert_eq!(go_on(&old.db, chat, &newcomer, &news).await, go_on(&new.db, chat, &newcomer, &news).await);
    assert_eq!(story(&old.db, chat).await, story(&new.db, chat).await);
    assert_eq!(records(&*from.source().await).await, records(&*to.source().await).await);
    // What is known of files follows from the messages.
    for expected in Upload::of(&chat.sent[1]) {
        let found = new.db.attachments.find(expected.attachment.id).await.unwrap();
        assert_eq!(found, Some(expected));
    }
    assert_eq!(new.db.attachments.of_conversation(chat.group, 10).await.unwrap().len(), 2);
    assert!(new.db.attachments.unsettled(at(9_999_999), None, 10).await.unwrap().is_empty());
    old.close().await;
    new.close().await;
}

async fn a_chat_goes_on_in_another_database(from: Place, to: Place) {
    let served = from.serve().await;
    let chat = fill(&served.db).await;
    served.close().await;
    let summary = migrate(&from, &to).await.unwrap();
    let before = records(&*from.source().await).await;
    assert_eq!((before.len() as u64, records(&*to.source().await).await), (summary.counts.total(), before));
    is_the_same(&from, &to, &chat).await;
}

async fn an_archive_holds_everything(from: Place, to: Place) {
    let served = from.serve().await;
    let chat = fill(&served.db).await;
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    // Also while it is served.
    let exported = export(&from, &file("first")).await;
    served.close().await;
    assert_eq!(import(JsonLinesFile::File(file("first")), &to).await.unwrap(), exported);
    assert_eq!(export(&to, &file("second")).await, exported);
    assert_eq!(std::fs::read(file("first")).unwrap(), std::fs::read(file("second")).unwrap());
    is_the_same(&from, &to, &chat).await;
}

async fn an_archive_comes_through_a_pipe(from: Place, to: Place) {
    let served = from.serve().await;
    let chat = fill(&served.db).await;
    served.close().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("archive");
    let exported = export(&from, &file).await;
    // Read once only, like a pipe.
    let pipe = JsonLinesFile::Open(std::fs::File::open(&file).unwrap());
    assert_eq!(import(pipe, &to).await.unwrap(), exported);
    is_the_same(&from, &to, &chat).await;
}

/// Stores records as they are.
async fn store(place: &Place, all: Vec<Record>) {
    let target = place.target().await;
    target.begin("records").await.unwrap();
    target.write(all).await.unwrap();
    target.settle().await.unwrap();
    target.finish().await.unwrap();
}

fn a_person(name: &str) -> Record {
    Record::User(ArchivedUser { user: a_user(name, name), hash: hash(), admin: false, banned_at: None })
}

/// Two people, a muted one among them, and a message with very many reactions.
fn odd_records(people: u32) -> Vec<Record> {
    let mut records: Vec<Record> = (0..people).map(|number| a_person(&format!("user{number:05}"))).collect();
    records.sort_by_key(Record::key);
    let users: Vec<UserId> = records
        .iter()
        .filter_map(|record| match record.key() {
            Key::User(id) => Some(id),
            _ => None,
        })
        .collect();
    let room = conversation_id();
    records.push(Record::Conversation(ArchivedConversation {
        id: room,
        kind: ConversationKind::Group,
        title: None,
        general: false,
        rev: 1_000_000_000_000,
        created_at: at(1),
    }));
    for (place, user) in users.iter().enumerate() {
        records.push(Record::Member(ArchivedMember {
            conversation: room,
            user: *user,
            role: [Role::Owner, Role::Admin, Role::Member][place.min(2)],
            joined_at: at(-(place as i64)),
            read_seq: (place as u64 + 1) % 2,
            muted: place % 3 == 0,
            pinned: place % 2 == 0,
            unread: place % 3 == 1,
        }));
    }
    let NewMessage { id, client_id, .. } = a_message(room, users[0], "x");
    records.push(Record::Message(Message {
        id,
        conversation: room,
        seq: 1,
        rev: 999_999_999_999,
        sender: users[0],
        client_id,
        body: Some(body("liked by everybody")),
        attachments: vec![],
        reply_to: None,
        reactions: vec![
            Reaction { emoji: emoji("👍"), count: people, users: users.iter().rev().copied().collect() },
            Reaction { emoji: emoji("❤️"), count: 1, users: vec![users[1]] },
        ],
        created_at: at(2),
        edited_at: None,
        deleted_at: None,
    }));
    records
}

async fn records_that_no_client_can_make_are_carried_too(from: Place, to: Place) {
    let all = odd_records(70);
    store(&from, all.clone()).await;
    assert_eq!(records(&*from.source().await).await, all);
    migrate(&from, &to).await.unwrap();
    assert_eq!(records(&*to.source().await).await, all);
    let served = to.serve().await;
    let Some(Record::Message(message)) = all.last() else { panic!("a message") };
    let muted = served.db.view(message.conversation, message.sender).await;
    assert_eq!((muted.muted, muted.conversation.rev), (true, 1_000_000_000_000));
    let shown = served.db.messages.find(message.id).await.unwrap().unwrap();
    let reaction = &shown.reactions[0];
    assert_eq!((reaction.count, &reaction.users[..]), (70, &message.reactions[0].users[..50]));
    let more = served.db.messages.react(message.id, message.sender, &emoji("❤️"), true).await.unwrap();
    assert_eq!(more.reactions[1].users, [message.reactions[1].users[0], message.sender]);
    served.close().await;
}

async fn many_records_take_several_pages(from: Place, to: Place) {
    let mut all = odd_records(3);
    let Some(Record::Message(first)) = all.last().cloned() else { panic!("a message") };
    for record in &mut all {
        if let Record::Member(member) = record {
            member.read_seq = 4_500;
        }
    }
    for seq in 2..=4_500 {
        let NewMessage { id, client_id, .. } = a_message(first.conversation, first.sender, "x");
        let (body, rev) = (Some(body(&format!("message number {seq}"))), seq * 2);
        all.push(Record::Message(Message {
            id,
            client_id,
            seq,
            rev,
            body,
            reactions: Vec::new(),
            ..first.clone()
        }));
    }
    store(&from, all.clone()).await;
    let summary = migrate(&from, &to).await.unwrap();
    assert_eq!(summary.counts.messages, 4_500);
    assert_eq!(records(&*to.source().await).await, all);
    let served = to.serve().await;
    let sender = first.sender;
    assert_eq!(served.db.find("number 4321", sender).await.len(), 1);
    assert_eq!(served.db.view(first.conversation, sender).await.conversation.last_seq, 4_500);
    served.close().await;
}

async fn sessions_that_end_are_left_behind(from: Place, to: Place) {
    let served = from.serve().await;
    let chat = fill(&served.db).await;
    let ended =
        Session { key: SessionKey::from_bytes([1; 16]), expires_at: at(9_999), ..chat.session.clone() };
    let ending = Session { key: SessionKey::from_bytes([2; 16]), expires_at: at(10_001), ..chat.session };
    for session in [&ended, &ending] {
        assert!(served.db.sessions.create(session).await.unwrap());
    }
    served.close().await;
    let summary = migrate(&from, &to).await.unwrap();
    // One that is about to end is carried, and not compared.
    assert_eq!((summary.counts.sessions, to.source().await.counts().await.unwrap().sessions), (1, 2));
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(export(&from, &directory.path().join("archive")).await.counts.sessions, 2);
}

async fn what_is_not_empty_is_refused(from: Place, to: Place) {
    for place in [&from, &to] {
        let served = place.serve().await;
        served.db.user("ana").await;
        served.close().await;
    }
    let before = records(&*to.source().await).await;
    assert!(matches!(migrate(&from, &to).await, Err(ArchiveError::NotEmpty)));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("archive");
    export(&from, &file).await;
    let error = import(JsonLinesFile::File(file), &to).await.expect_err("is refused");
    assert!(matches!(error, ArchiveError::NotEmpty), "{error}");
    assert_eq!(records(&*to.source().await).await, before);
    to.serve().await.close().await;
}

async fn what_was_begun_is_gone_on_with(from: Place, to: Place) {
    let served = from.serve().await;
    let chat = fill(&served.db).await;
    served.close().await;
    let all = records(&*from.source().await).await;
    let target = to.target().await;
    assert_eq!(target.state().await.unwrap(), TargetState::Empty);
    target.begin("a test").await.unwrap();
    let begun = |last| TargetState::Begun { origin: "a test".to_owned(), last };
    assert_eq!(target.state().await.unwrap(), begun(None));
    target.write(all[..10].to_vec()).await.unwrap();
    drop(target);
    let target = to.target().await;
    assert_eq!(target.state().await.unwrap(), begun(Some(all[9].key())));
    assert_eq!(target.held().counts().await.unwrap().total(), 10);
    drop(target);
    // No server starts on it, nobody takes it for whole, and nobody else fills it.
    match &to {
        Place::Memory(_) => {}
        Place::Sqlite(directory) => {
            let file = Place::file(directory);
            let error = Sqlite::open(&file, SqliteOptions::default()).err().expect("is refused");
            assert!(matches!(error, sqlite::OpenError::Unfinished(..)), "{error}");
            assert!(error.to_string().contains("a test"), "{error}");
            assert!(matches!(SqliteSource::open(&file), Err(sqlite::OpenError::Unfinished(..))));
        }
        Place::Mongo(url, _) => {
            let error = Mongo::open(url).unwrap().0.prepare().await.expect_err("is refused");
            assert!(matches!(error, mongo::OpenError::Unfinished { .. }) && !error.passes(), "{error}");
            assert!(error.to_string().contains("a test"), "{error}");
            let source = MongoSource::open(url).await;
            assert!(matches!(source, Err(mongo::OpenError::Unfinished { .. })));
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("archive");
    export(&from, &file).await;
    let error = import(JsonLinesFile::File(file), &to).await.expect_err("is refused");
    assert!(matches!(error, ArchiveError::BegunByAnother(_)), "{error}");
    migrate(&from, &to).await.unwrap();
    is_the_same(&from, &to, &chat).await;
}

async fn what_is_written_twice_is_stored_once(from: Place, to: Place) {
    let served = from.serve().await;
    let chat = fill(&served.db).await;
    served.close().await;
    let all = records(&*from.source().await).await;
    let target = to.target().await;
    target.begin("a test").await.unwrap();
    for (first, last) in [(0, 7), (0, 7), (3, 20), (20, all.len()), (0, all.len())] {
        target.write(all[first..last].to_vec()).await.unwrap();
    }
    target.settle().await.unwrap();
    target.settle().await.unwrap();
    target.finish().await.unwrap();
    drop(target);
    is_the_same(&from, &to, &chat).await;
}

async fn what_differs_is_found(from: Place, to: Place) {
    let served = from.serve().await;
    let chat = fill(&served.db).await;
    served.close().await;
    let mut all = records(&*from.source().await).await;
    let last = all.len() - 1;
    let Record::Message(message) = &mut all[last] else { panic!("a message") };
    message.body = Some(body("something else"));
    let target = to.target().await;
    target.begin("a test").await.unwrap();
    target.write(all).await.unwrap();
    drop(target);
    let error = migrate(&from, &to).await.expect_err("is refused");
    assert!(matches!(error, ArchiveError::Differs(Key::Message(_))), "{error}");
    // What was added to the source meanwhile, where it was read already.
    let served = from.serve().await;
    served.db.messages.delete(chat.sent[0].id, at(9_000)).await.unwrap();
    served.close().await;
    let error = migrate(&from, &to).await.expect_err("is refused");
    assert!(error.to_string().contains("begin again"), "{error}");
    assert!(matches!(to.target().await.state().await.unwrap(), TargetState::Begun { .. }));
}

#[tokio::test]
async fn a_mongo_that_is_served_shows_one_moment() {
    let place = mongo_place().await;
    let Place::Mongo(url, _) = &place else { panic!("a MongoDB") };
    let (mongo, _) = opened(url).await;
    let db = of_mongo(&mongo, NoFeed, None, ());
    let chat = fill(&db).await;
    let (nodes, node) = (mongo.nodes(), NodeId::from_uuid(uuid()));
    nodes.beat(node).await.unwrap();
    let serving = tokio::spawn(async move {
        loop {
            nodes.beat(node).await.unwrap();
            tokio::time::sleep(NODE_LIFE / 8).await;
        }
    });
    let before = records(&*place.source().await).await;
    let source = place.source().await;
    db.send(chat.group, chat.ana, "too late").await;
    db.messages.edit(chat.sent[0].id, &body("changed too late"), at(9_000)).await.unwrap();
    db.conversations.delete(chat.channel).await.unwrap();
    db.user("dora").await;
    assert_eq!(records(&*source).await, before);
    assert_ne!(records(&*place.source().await).await, before);
    // One that must be alone waits for the servers to go, and then gives up.
    let refused = MongoSource::open_alone(url).await.map(drop);
    assert!(matches!(refused, Err(mongo::OpenError::InUse { servers: 1, .. })), "{refused:?}");
    serving.abort();
    mongo.nodes().forget(node).await.unwrap();
    MongoSource::open_alone(url).await.unwrap();
    mongo.close().await;
}

/// Whatever was done, a database holds the same records of it as its twin in memory, and they take them from each other.
fn every_life_is_carried_whole<F: Future<Output = Place>>(cases: u32, other: impl Fn() -> F) {
    let config = ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    proptest!(config, |(steps in prop::collection::vec(model::step(), 20..120))| {
        runtime.block_on(async {
            let (memory, place) = (memory_place().await, other().await);
            for place in [&memory, &place] {
                let Served { db, close } = place.serve().await;
                model::live(db, &steps).await;
                close.await;
            }
            let all = records(&*memory.source().await).await;
            prop_assert_eq!(&all, &records(&*place.source().await).await);
            let (second_memory, second_place) = (memory_place().await, other().await);
            migrate(&place, &second_memory).await.unwrap();
            migrate(&memory, &second_place).await.unwrap();
            prop_assert_eq!(&all, &records(&*second_memory.source().await).await);
            prop_assert_eq!(&all, &records(&*second_place.source().await).await);
            Ok(())
        })?;
    });
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24)
}

#[test]
fn every_life_is_carried_whole_from_and_to_sqlite() {
    every_life_is_carried_whole(cases(), sqlite_place);
}

#[test]
fn every_life_is_carried_whole_from_and_to_mongo() {
    every_life_is_carried_whole(cases().div_ceil(4), mongo_place);
}

async fn blocks_are_carried_and_hold(from: Place, to: Place) {
    let Served { db, close } = from.serve().await;
    let (ana, bob, carla) = (db.user("ana").await, db.user("bob").await, db.user("carla").await);
    let (apart, together) = (db.direct(ana, bob).await, db.direct(ana, carla).await);
    db.marks.block(bob, ana).await.unwrap();
    // Without a conversation of the two.
    db.marks.block(carla, bob).await.unwrap();
    drop(db);
    close.await;

    migrate(&from, &to).await.unwrap();
    assert_eq!(records(&*to.source().await).await, records(&*from.source().await).await);
    let Served { db, close } = to.serve().await;
    assert_eq!(db.marks.of(bob).await.unwrap().blocked, [ana]);
    assert_eq!(db.marks.of(carla).await.unwrap().blocked, [bob]);
    let refused = db.messages.append(&a_message(apart, ana, "are you there?")).await.expect_err("is refused");
    assert!(matches!(refused, DomainError::Blocked), "{refused}");
    db.send(together, carla, "of course").await;
    db.marks.unblock(bob, ana).await.unwrap();
    db.send(apart, ana, "there you are").await;
    drop(db);
    close.await;
}

async fn what_administrators_decided_and_who_is_gone_is_carried(from: Place, to: Place) {
    let Served { db, close } = from.serve().await;
    let [ana, bob, carla, dora] = [(); 4].map(|()| user_id());
    for (id, name) in [(ana, "ana"), (bob, "bob"), (carla, "carla"), (dora, "dora")] {
        let user = User { id, ..a_user(name, name) };
        db.users.create(&user, &hash(), conversation_id()).await.unwrap();
    }
    let (general, direct) = (db.general().await, db.direct(dora, ana).await);
    let said = [db.send(general, dora, "to all").await, db.send(direct, dora, "to you").await];
    db.messages.react(said[0].id, dora, &emoji("👍"), true).await.unwrap();
    db.accounts.patch_account(bob, AccountPatch { admin: Some(true), banned_at: None }).await.unwrap();
    let ban = AccountPatch { admin: None, banned_at: Some(Some(at(7))) };
    db.accounts.patch_account(carla, ban).await.unwrap();
    db.conversations.remove_member(general, dora).await.unwrap();
    db.accounts.close_account(dora, at(8)).await.unwrap();
    db.accounts.set_registration(Registration::Closed).await.unwrap();
    drop(db);
    close.await;

    migrate(&from, &to).await.unwrap();
    assert_eq!(records(&*to.source().await).await, records(&*from.source().await).await);
    let Served { db, close } = to.serve().await;
    assert_eq!(db.accounts.registration().await.unwrap(), Registration::Closed);
    let mut standing = Vec::new();
    for id in [ana, bob, carla] {
        let account = db.accounts.account(id).await.unwrap().unwrap();
        standing.push((account.admin, account.banned_at));
    }
    assert_eq!(standing, [(true, None), (true, None), (false, Some(at(7)))]);
    assert_eq!(db.accounts.account(dora).await.unwrap(), None);
    assert_eq!(db.users.find_many(&[ana, dora]).await.unwrap().len(), 1);
    let list = db.messages.list(direct, Window::Newest, 9).await.unwrap().messages;
    assert_eq!((list.len(), list[0].sender), (1, dora));
    assert_eq!(db.view(direct, ana).await.conversation.members.len(), 2);
    // The name is free.
    let again = db.user("dora").await;
    assert_ne!(again, dora);
    drop(db);
    close.await;
}
