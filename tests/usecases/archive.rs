//! Moving data when things go wrong in the middle, and archives that others wrote.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chatconnect::{
    adapters::{
        dto::archive,
        gateways::{
            archive_file::{JsonLinesFile, LineFingerprints},
            memory::Memory,
        },
    },
    domain::{
        entities::{
            archive::{
                ArchivedConversation, ArchivedMember, ArchivedUser, Counts, Key, Kind, Record, Summary,
            },
            conversation::{ConversationKind, Role, Title},
            ids::{ClientId, ConversationId, MessageId, SessionId, UserId},
            message::{Body, Emoji, Message, Reaction},
            registration::Registration,
            session::{Session, SessionKey},
            timestamp::Timestamp,
            user::{DisplayName, PasswordHash, User, Username},
        },
        error::{DomainError, Result, archive::ArchiveError},
        interfaces::{
            archive::{ArchiveSource, ArchiveTarget, TargetState},
            archive_file::Fingerprints,
            progress::{Progress, Step},
        },
        usecases::archive::{import::Import, migrate::Migrate},
    },
};
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::stage::Stage;

/// When it is for the clock of the stage.
const NOW: i64 = 4_102_444_800_000;

fn id<T>(from: fn(Uuid) -> T, number: u128) -> T {
    from(Uuid::from_u128(number))
}

fn user(number: u128) -> UserId {
    id(UserId::from_uuid, number)
}

fn room(number: u128) -> ConversationId {
    id(ConversationId::from_uuid, number)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW + millis)
}

fn a_user(number: u128, name: &str) -> Record {
    let username = Username::parse(name).unwrap();
    let display_name = DisplayName::from(&username);
    let user = User {
        id: user(number),
        username,
        display_name,
        locale: None,
        avatar: None,
        created_at: at(0),
        last_seen_at: None,
    };
    Record::User(ArchivedUser { user, hash: PasswordHash::new("$2b$04$hash"), admin: false, banned_at: None })
}

fn a_session(number: u8, of: u128) -> Record {
    Record::Session(Session {
        key: SessionKey::from_bytes([number; 16]),
        id: id(SessionId::from_uuid, number.into()),
        user: user(of),
        device: String::new(),
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(100_000_000),
    })
}

fn a_room(number: u128, kind: ConversationKind, title: Option<&str>, general: bool) -> Record {
    let title = title.map(|title| Title::parse(title).unwrap());
    let (id, rev, created_at) = (room(number), 50, at(0));
    Record::Conversation(ArchivedConversation { id, kind, title, general, rev, created_at })
}

fn a_member(of: u128, who: u128) -> Record {
    Record::Member(ArchivedMember {
        conversation: room(of),
        user: user(who),
        role: Role::Member,
        joined_at: at(0),
        read_seq: 3,
        muted: false,
        pinned: false,
        unread: false,
    })
}

fn a_message(number: u128, conversation: u128, seq: u64, rev: u64) -> Message {
    Message {
        id: id(MessageId::from_uuid, number),
        conversation: room(conversation),
        seq,
        rev,
        sender: user(1),
        client_id: ClientId::parse(&Uuid::from_u128(number).to_string()).unwrap(),
        body: Some(Body::parse("hello").unwrap()),
        attachments: Vec::new(),
        reply_to: None,
        reactions: Vec::new(),
        created_at: at(1),
        edited_at: None,
        deleted_at: None,
    }
}

/// A small chat: three people, three conversations, five messages.
fn chat() -> Vec<Record> {
    vec![
        a_user(1, "ana"),
        a_user(2, "bob"),
        a_user(3, "carla"),
        a_session(1, 1),
        a_session(2, 3),
        a_room(10, ConversationKind::Channel, Some("general"), true),
        a_room(11, ConversationKind::Direct, None, false),
        a_room(12, ConversationKind::Group, None, false),
        a_member(10, 1),
        a_member(10, 2),
        a_member(11, 1),
        a_member(11, 2),
        a_member(12, 3),
        Record::Message(a_message(20, 10, 1, 1)),
        // The ids of two nodes may be in another order than the places.
        Record::Message(a_message(21, 10, 3, 3)),
        Record::Message(a_message(22, 10, 2, 2)),
        Record::Message(a_message(23, 11, 1, 1)),
        Record::Message(a_message(24, 12, 1, 50)),
    ]
}

async fn filled(records: Vec<Record>) -> Memory {
    let memory = Memory::new().0;
    memory.begin("a test").await.unwrap();
    memory.write(records).await.unwrap();
    memory.settle().await.unwrap();
    memory.finish().await.unwrap();
    memory
}

async fn records(source: &dyn ArchiveSource) -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    all.extend(source.users(None, 999).await.unwrap().into_iter().map(Record::User));
    all.extend(source.gone(None, 999).await.unwrap().into_iter().map(Record::Gone));
    all.extend(source.sessions(None, 999).await.unwrap().into_iter().map(Record::Session));
    all.extend(source.conversations(None, 999).await.unwrap().into_iter().map(Record::Conversation));
    all.extend(source.members(None, 999).await.unwrap().into_iter().map(Record::Member));
    all.extend(source.messages(None, 999).await.unwrap().into_iter().map(Record::Message));
    all.extend(source.registration().await.unwrap().map(Record::Registration));
    all.extend(source.blocks(None, 999).await.unwrap().into_iter().map(Record::Block));
    all
}

/// Writes down which steps there were.
#[derive(Default)]
struct Steps(Mutex<Vec<Step>>);

impl Progress for Steps {
    fn begin(&self, step: Step, _: Option<u64>) {
        self.0.lock().unwrap().push(step);
    }
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}

/// Takes a few records at a time, and fails at one of its calls: before it has done what it was asked, or after.
struct Failing {
    memory: Memory,
    calls: AtomicUsize,
    fails_at: usize,
    after: bool,
}

const LOT: usize = 4;

impl Failing {
    fn fails(&self) -> bool {
        self.calls.fetch_add(1, Ordering::SeqCst) == self.fails_at
    }

    async fn call(&self, work: impl Future<Output = Result<()>>) -> Result<()> {
        let fails = self.fails();
        let broken = || DomainError::unavailable("the plug was pulled");
        if fails && !self.after {
            return Err(broken());
        }
        work.await?;
        if fails { Err(broken()) } else { Ok(()) }
    }
}

#[async_trait]
impl ArchiveTarget for Failing {
    fn held(&self) -> &dyn ArchiveSource {
        &self.memory
    }

    async fn state(&self) -> Result<TargetState> {
        self.memory.state().await
    }

    async fn begin(&self, origin: &str) -> Result<()> {
        self.call(self.memory.begin(origin)).await
    }

    async fn write(&self, records: Vec<Record>) -> Result<()> {
        for lot in records.chunks(LOT) {
            self.call(self.memory.write(lot.to_vec())).await?;
        }
        Ok(())
    }

    async fn settle(&self) -> Result<()> {
        self.call(self.memory.settle()).await
    }

    async fn finish(&self) -> Result<()> {
        self.call(self.memory.finish()).await
    }
}

fn migrate(source: &Memory, target: Arc<dyn ArchiveTarget>) -> Migrate {
    Migrate {
        source: Arc::new(source.clone()),
        target,
        fingerprints: Arc::new(LineFingerprints),
        clock: Stage::new().clock,
        progress: Arc::new(Steps::default()),
    }
}

#[tokio::test]
async fn a_migration_that_fails_anywhere_is_gone_on_with() {
    let source = filled(chat()).await;
    let whole = migrate(&source, Arc::new(Memory::new().0)).execute("source").await.unwrap();
    let mut failures = 0;
    for (fails_at, after) in (0..20).flat_map(|at| [(at, false), (at, true)]) {
        let memory = Memory::new().0;
        let target = Failing { memory: memory.clone(), calls: AtomicUsize::new(0), fails_at, after };
        if let Err(error) = migrate(&source, Arc::new(target)).execute("source").await {
            assert!(error.to_string().contains("the plug was pulled"), "{error}");
            failures += 1;
            let state = memory.state().await.unwrap();
            if state == TargetState::Filled {
                // It was finished, and only the answer was lost.
                assert_eq!(records(&memory).await, records(&source).await);
                continue;
            }
            assert_eq!(migrate(&source, Arc::new(memory.clone())).execute("source").await.unwrap(), whole);
        }
        assert_eq!(records(&memory).await, records(&source).await, "{fails_at} {after}");
        assert_eq!(memory.state().await.unwrap(), TargetState::Filled);
    }
    assert!(failures >= 2 * (chat().len() / LOT + 3), "{failures}");
}

#[tokio::test]
async fn a_migration_from_elsewhere_is_not_gone_on_with() {
    let (source, target) = (filled(chat()).await, Memory::new().0);
    target.begin("another source").await.unwrap();
    let error = migrate(&source, Arc::new(target)).execute("source").await.expect_err("is refused");
    assert!(error.to_string().contains("another source"), "{error}");
    let error = migrate(&source, Arc::new(source.clone())).execute("source").await.expect_err("is refused");
    assert!(matches!(error, ArchiveError::NotEmpty), "{error}");
}

/// What a database has lost, changed or made up is found, whichever record it is.
#[tokio::test]
async fn a_copy_that_is_not_the_same_is_not_finished() {
    let source = filled(chat()).await;
    for place in 0..chat().len() {
        let mut held = chat();
        let key = held[place].key();
        match &mut held[place] {
            Record::User(user) => user.hash = PasswordHash::new("$2b$04$other"),
            Record::Session(session) => session.last_seen_at = at(9),
            Record::Conversation(conversation) => conversation.rev += 1,
            Record::Member(member) => member.muted = true,
            Record::Message(message) => message.edited_at = Some(at(9)),
            Record::Gone(gone) => gone.deleted_at = at(9),
            Record::Registration(mode) => *mode = Registration::Closed,
            Record::Block(_) => continue,
        }
        let target = Memory::new().0;
        target.begin("source").await.unwrap();
        target.write(held).await.unwrap();
        let error =
            migrate(&source, Arc::new(target.clone())).execute("source").await.expect_err("is refused");
        assert!(matches!(error, ArchiveError::Differs(found) if found == key), "{error} for {key}");
        assert!(matches!(target.state().await.unwrap(), TargetState::Begun { .. }));
    }
    // The source has lost its last one meanwhile, or gained one where it was read already.
    for changed in [&chat()[..17], &[chat(), vec![Record::Message(a_message(25, 12, 2, 49))]].concat()] {
        let target = Memory::new().0;
        target.begin("source").await.unwrap();
        target.write(chat()).await.unwrap();
        target.write(vec![Record::Message(a_message(99, 12, 2, 48))]).await.unwrap();
        let changed = filled(changed.to_vec()).await;
        let error = migrate(&changed, Arc::new(target)).execute("source").await.expect_err("is refused");
        assert!(matches!(error, ArchiveError::Differs(Key::Message(_))), "{error}");
    }
}

/// A file of these records with a right last line.
fn file_of(records: &[Record]) -> NamedTempFile {
    let (mut counts, mut fingerprint) = (Counts::default(), LineFingerprints.begin());
    for record in records {
        counts.add(record.key().kind(), 1);
        fingerprint.add(record);
    }
    file_with(records, Summary { counts, checksum: fingerprint.finish() })
}

fn file_with(records: &[Record], end: Summary) -> NamedTempFile {
    let mut lines = vec![archive::header(at(0))];
    lines.extend(records.iter().map(archive::line));
    lines.push(archive::end(&end));
    let mut file = NamedTempFile::new().unwrap();
    file.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    file
}

fn import_into(target: Arc<dyn ArchiveTarget>) -> (Import, Arc<Steps>) {
    let steps = Arc::new(Steps::default());
    let import = Import {
        target,
        fingerprints: Arc::new(LineFingerprints),
        clock: Stage::new().clock,
        progress: Arc::clone(&steps) as _,
    };
    (import, steps)
}

/// Why a file is refused; that nothing of it was stored is checked.
async fn refusal(file: &NamedTempFile) -> ArchiveError {
    let memory = Memory::new().0;
    let (import, steps) = import_into(Arc::new(memory.clone()));
    let error = import.execute(&JsonLinesFile::File(file.path().into())).await.expect_err("is refused");
    assert_eq!(memory.state().await.unwrap(), TargetState::Empty, "{error}");
    assert_eq!(*steps.0.lock().unwrap(), [Step::Check]);
    error
}

#[tokio::test]
async fn an_archive_is_checked_then_carried_then_compared() {
    let (file, memory) = (file_of(&chat()), Memory::new().0);
    let (import, steps) = import_into(Arc::new(memory.clone()));
    let summary = import.execute(&JsonLinesFile::File(file.path().into())).await.unwrap();
    assert_eq!((summary.counts.total(), records(&memory).await), (18, chat()));
    assert_eq!(*steps.0.lock().unwrap(), [Step::Check, Step::Carry, Step::Settle, Step::Compare]);
    assert_eq!(memory.state().await.unwrap(), TargetState::Filled);
    // Through a pipe it can be read once only.
    let pipe = JsonLinesFile::Open(file.reopen().unwrap());
    let memory = Memory::new().0;
    let (import, steps) = import_into(Arc::new(memory.clone()));
    assert_eq!(import.execute(&pipe).await.unwrap(), summary);
    assert_eq!(*steps.0.lock().unwrap(), [Step::Carry, Step::Settle, Step::Compare]);
}

#[tokio::test]
async fn an_import_that_fails_anywhere_is_gone_on_with() {
    let file = file_of(&chat());
    let archive = || JsonLinesFile::File(file.path().into());
    for fails_at in 0..9 {
        let memory = Memory::new().0;
        let (memory_, calls) = (memory.clone(), AtomicUsize::new(0));
        let failing = Failing { memory: memory_, calls, fails_at, after: fails_at % 2 == 0 };
        let failed = import_into(Arc::new(failing)).0.execute(&archive()).await;
        if failed.is_err() && memory.state().await.unwrap() != TargetState::Filled {
            import_into(Arc::new(memory.clone())).0.execute(&archive()).await.unwrap();
        }
        assert_eq!(records(&memory).await, chat(), "{fails_at}");
    }
    // Another archive does not go on where the first one was.
    let memory = Memory::new().0;
    memory.begin("the archive of 1999-01-01T00:00:00.000Z").await.unwrap();
    let error = import_into(Arc::new(memory)).0.execute(&archive()).await.expect_err("is refused");
    assert!(error.to_string().contains("1999-01-01"), "{error}");
}

#[tokio::test]
async fn an_archive_whose_last_line_is_wrong_is_refused() {
    let good = import_into(Arc::new(Memory::new().0)).0;
    let file = file_of(&chat());
    let right = good.execute(&JsonLinesFile::File(file.path().into())).await.unwrap();
    for kind in Kind::ALL {
        let mut wrong = right;
        wrong.counts.add(kind, 1);
        let error = refusal(&file_with(&chat(), wrong)).await;
        assert!(matches!(error, ArchiveError::Counts { kind: found, .. } if found == kind), "{error}");
    }
    let mut changed = chat();
    let Record::Message(message) = &mut changed[14] else { panic!("a message") };
    message.body = Some(Body::parse("hellO").unwrap());
    assert!(matches!(refusal(&file_with(&changed, right)).await, ArchiveError::Checksum));
}

/// Changes one record of the chat, and tells what the refusal must say: the line of that record, and the field.
type Fault = (&'static str, fn(&mut Vec<Record>), usize);

fn message(records: &mut [Record], place: usize) -> &mut Message {
    let Record::Message(message) = &mut records[place] else { panic!("a message") };
    message
}

fn deleted(message: &mut Message) {
    message.deleted_at = Some(at(9));
}

fn thumbs(users: &[u128]) -> Reaction {
    let users: Vec<UserId> = users.iter().copied().map(user).collect();
    Reaction { emoji: Emoji::parse("👍").unwrap(), count: users.len() as u32, users }
}

const FAULTS: &[Fault] = &[
    ("id does not come after", |all| all.swap(0, 1), 1),
    ("id does not come after", |all| all.insert(1, all[0].clone()), 1),
    ("username is somebody else's", |all| all[1] = a_user(2, "ANA"), 1),
    ("type stands behind a later kind", |all| all.swap(2, 3), 3),
    ("userId names nobody", |all| all[3] = a_session(1, 9), 3),
    ("key does not come after", |all| all.swap(3, 4), 4),
    ("title must be given", |all| all[5] = a_room(10, ConversationKind::Channel, None, true), 5),
    ("title must be null", |all| all[6] = a_room(11, ConversationKind::Direct, Some("x"), false), 6),
    (
        "title is another channel's",
        |all| all[7] = a_room(12, ConversationKind::Channel, Some("General"), false),
        7,
    ),
    (
        "general must be true for one",
        |all| all[7] = a_room(12, ConversationKind::Channel, Some("x"), true),
        7,
    ),
    ("general must be true for one", |all| all[7] = a_room(12, ConversationKind::Group, None, true), 7),
    ("userId names nobody", |all| all[8] = a_member(10, 0), 8),
    ("conversationId names no conversation", |all| all[8] = a_member(9, 1), 8),
    ("userId does not come after", |all| all.swap(8, 9), 9),
    ("userId is a third one", |all| all.insert(12, a_member(11, 3)), 12),
    (
        "userId has another direct conversation",
        |all| {
            all.insert(8, a_room(13, ConversationKind::Direct, None, false));
            all.splice(14..14, [a_member(13, 1), a_member(13, 2)]);
        },
        15,
    ),
    ("id does not come after", |all| all.swap(13, 14), 14),
    ("senderId names nobody", |all| message(all, 13).sender = user(9), 13),
    ("conversationId names no conversation", |all| message(all, 13).conversation = room(9), 13),
    ("rev must be 1 to 50", |all| message(all, 13).rev = 51, 13),
    ("rev must be 1 to 50", |all| message(all, 13).rev = 0, 13),
    ("seq must be at least 1", |all| message(all, 13).seq = 0, 13),
    ("seq is above the readSeq", |all| message(all, 14).seq = 4, 14),
    ("body must be empty", |all| deleted(message(all, 13)), 13),
    ("body must be empty", |all| message(all, 13).body = None, 13),
    (
        "reactions must be empty",
        |all| {
            let message = message(all, 13);
            (message.body, message.reactions) = (None, vec![thumbs(&[1])]);
            deleted(message);
        },
        13,
    ),
    ("reactions[0].userIds names nobody", |all| message(all, 13).reactions = vec![thumbs(&[1, 9])], 13),
    (
        "reactions[0].userIds names somebody twice",
        |all| message(all, 13).reactions = vec![thumbs(&[1, 1])],
        13,
    ),
    ("reactions[0].userIds names nobody", |all| message(all, 13).reactions = vec![thumbs(&[])], 13),
    (
        "reactions[1].emoji stands there twice",
        |all| message(all, 13).reactions = vec![thumbs(&[1]), thumbs(&[2])],
        13,
    ),
];

#[tokio::test]
async fn a_record_that_cannot_be_is_named() {
    let mut seen = BTreeMap::new();
    for (sentence, fault, place) in FAULTS {
        let mut records = chat();
        fault(&mut records);
        let error = refusal(&file_of(&records)).await.to_string();
        let line = format!("line {} ", place + 2);
        assert!(error.contains(sentence) && error.contains(&line), "{error}, not {line}{sentence}");
        *seen.entry(*sentence).or_insert(0) += 1;
    }
    assert!(seen.len() > 15);
    let mut records = chat();
    records.remove(15);
    let error = refusal(&file_of(&records)).await;
    assert!(matches!(error, ArchiveError::Hole(id) if id == room(10)), "{error}");
}
