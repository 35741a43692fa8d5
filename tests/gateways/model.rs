//! Random lives of a small chat, led on every backend at once: all of them must tell the same story.

use std::collections::HashMap;

use chatconnect::domain::{
    entities::{
        conversation::{ConversationKind, Role},
        ids::{ClientId, ConversationId, MessageId, UserId},
        search_text::SearchQuery,
        user::{DisplayName, ProfilePatch},
    },
    error::Result,
    interfaces::{
        conversation_repository::NewConversation,
        message_repository::{NewMessage, SearchFilter, SyncLimits, Window},
    },
};
use proptest::prelude::*;
use uuid::Uuid;

use super::fixture::{self, *};
use crate::support::mongod::Mongod;

const PEOPLE: usize = 4;
const NAMES: [&str; PEOPLE] = ["Ana Müller", "Bob 李", "Carla d'Ávila", "Dora"];
const TITLES: [&str; 4] = ["News", "nEWS", "São Paulo", "東京"];
const TEXTS: [&str; 6] = ["Straße nach Tokyo", "東京タワー", "strasse 🎉", "São 1.5", "sao paulo", "a"];
const QUERIES: [&str; 6] = ["strasse", "京", "sao p", "🎉", "a", "tokyo strasse"];
const EMOJIS: [&str; 3] = ["👍", "🎉", "❤️"];

/// What somebody does. Numbers pick from what there is: people, conversations, messages, words.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create(ConversationKind, usize, Vec<usize>, usize),
    Add(usize, Vec<usize>),
    Remove(usize, usize),
    SetRole(usize, usize, Role),
    Rename(usize, Option<usize>),
    DeleteConversation(usize),
    Read(usize, usize, u64),
    Send { room: usize, sender: usize, client: usize, text: usize, reply: Option<usize> },
    Edit(usize, usize),
    Delete(usize),
    React(usize, usize, usize, bool),
    Profile(usize, usize),
    List(usize, Window, u32),
    Sync { user: usize, cursors: Vec<(usize, u64)>, messages: usize, recent: usize, reset_after: u64 },
    Search { user: usize, query: usize, room: Option<usize>, sender: Option<usize>, limit: u32 },
    Browse { user: usize, title: usize, limit: u32 },
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let kind = prop_oneof![
        Just(ConversationKind::Direct),
        Just(ConversationKind::Group),
        Just(ConversationKind::Channel)
    ];
    let role = prop_oneof![Just(Role::Owner), Just(Role::Admin), Just(Role::Member)];
    let window = prop_oneof![
        Just(Window::Newest),
        (0..12_u64).prop_map(Window::Before),
        (0..12_u64).prop_map(Window::After),
        (0..12_u64, 0..12_u64).prop_map(|(after, before)| Window::Between { after, before }),
    ];
    let (any, person, people) = (0..40_usize, 0..PEOPLE, prop::collection::vec(0..PEOPLE, 0..3));
    let text = 0..TEXTS.len();
    prop_oneof![
        2 => (kind, person.clone(), people.clone(), 0..TITLES.len()).prop_map(|(k, c, o, t)| Create(k, c, o, t)),
        1 => (any.clone(), people).prop_map(|(room, people)| Add(room, people)),
        1 => (any.clone(), person.clone()).prop_map(|(room, user)| Remove(room, user)),
        1 => (any.clone(), person.clone(), role).prop_map(|(room, user, role)| SetRole(room, user, role)),
        1 => (any.clone(), prop::option::of(0..TITLES.len())).prop_map(|(room, title)| Rename(room, title)),
        1 => (0..120_usize).prop_map(DeleteConversation),
        1 => (any.clone(), person.clone(), 0..9_u64).prop_map(|(room, user, seq)| Read(room, user, seq)),
        12 => (any.clone(), person.clone(), 0..60_usize, text.clone(), prop::option::weighted(0.2, any.clone()))
            .prop_map(|(room, sender, client, text, reply)| Send { room, sender, client, text, reply }),
        2 => (any.clone(), text).prop_map(|(message, text)| Edit(message, text)),
        1 => any.clone().prop_map(Delete),
        3 => (any.clone(), person.clone(), 0..EMOJIS.len(), proptest::bool::ANY)
            .prop_map(|(message, user, emoji, on)| React(message, user, emoji, on)),
        1 => (person.clone(), person.clone()).prop_map(|(user, name)| Profile(user, name)),
        1 => (any.clone(), window, 1..6_u32).prop_map(|(room, window, limit)| List(room, window, limit)),
        3 => (person.clone(), prop::collection::vec((any.clone(), 0..15_u64), 0..6), 1..8_usize, 0..6_usize, 0..9_u64)
            .prop_map(|(user, cursors, messages, recent, reset_after)| {
                Sync { user, cursors, messages, recent, reset_after }
            }),
        2 => (person.clone(), 0..QUERIES.len(), prop::option::of(any), prop::option::weighted(0.3, person.clone()), 1..4_u32)
            .prop_map(|(user, query, room, sender, limit)| Search { user, query, room, sender, limit }),
        1 => (person, 0..TITLES.len(), 1..4_u32).prop_map(|(user, title, limit)| Browse { user, title, limit }),
    ]
}

/// Ids that depend on nothing but the number of the step, and come in no order within a millisecond.
fn made(step: usize, purpose: u128) -> Uuid {
    let step = step as u128;
    Uuid::from_u128(
        (0x0200 << 112) | (step / 4) << 80 | 7 << 76 | 2 << 62 | (step * 0x9e37 % 0x1_0000) << 16 | purpose,
    )
}

/// What everybody who led this life knows.
#[derive(Default)]
struct Known {
    people: Vec<UserId>,
    rooms: Vec<ConversationId>,
    messages: Vec<MessageId>,
}

impl Known {
    fn room(&self, number: usize) -> ConversationId {
        self.rooms[number % self.rooms.len()]
    }

    fn message(&self, number: usize) -> MessageId {
        match self.messages.len() {
            0 => MessageId::from_uuid(Uuid::nil()),
            count => self.messages[number % count],
        }
    }

    fn people(&self, numbers: &[usize], but: Option<usize>) -> Vec<UserId> {
        let mut numbers: Vec<_> = numbers.iter().filter(|number| Some(**number) != but).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|number| self.people[*number]).collect()
    }
}

fn told<T: std::fmt::Debug>(answer: Result<T>) -> String {
    match answer {
        Ok(answer) => format!("{answer:#?}"),
        Err(error) => format!("{} {:?}", error.code(), error.fields()),
    }
}

/// Sorted, because its order says nothing.
fn reads(page: Result<chatconnect::domain::interfaces::message_repository::SyncPage>) -> String {
    told(page.map(|mut page| {
        let mut reads: Vec<_> = page.reads.drain().collect();
        reads.sort_unstable();
        (page, reads)
    }))
}

/// Takes one step and tells what was answered.
async fn take(db: &Backend, known: &mut Known, number: usize, step: &Step) -> String {
    let time = at(number as i64 / 3);
    match step {
        Step::Create(kind, creator, others, name) => {
            let mut others = known.people(others, Some(*creator));
            if *kind == ConversationKind::Direct {
                others = vec![known.people[(creator + 1 + name % (PEOPLE - 1)) % PEOPLE]];
            }
            let new = NewConversation {
                id: ConversationId::from_uuid(made(number, 1)),
                kind: *kind,
                title: (*kind != ConversationKind::Direct).then(|| title(TITLES[*name])),
                creator: known.people[*creator],
                others,
                created_at: time,
            };
            let answer = db.conversations.create(&new).await;
            if let Ok((view, true)) = &answer {
                known.rooms.push(view.conversation.id);
            }
            told(answer)
        }
        Step::Add(room, people) => {
            let people = known.people(people, None);
            told(db.conversations.add_members(known.room(*room), &people, time).await)
        }
        Step::Remove(room, user) => {
            told(db.conversations.remove_member(known.room(*room), known.people[*user]).await)
        }
        Step::SetRole(room, user, role) => {
            told(db.conversations.set_role(known.room(*room), known.people[*user], *role).await)
        }
        Step::Rename(room, name) => {
            let name = name.map(|name| title(TITLES[name]));
            told(db.conversations.rename(known.room(*room), name.as_ref()).await)
        }
        // Mostly nothing, or no chat would grow; general stays.
        Step::DeleteConversation(room) => match known.rooms.get(*room).filter(|_| *room > 0) {
            Some(room) => told(db.conversations.delete(*room).await),
            None => String::new(),
        },
        Step::Read(room, user, seq) => {
            told(db.conversations.mark_read(known.room(*room), known.people[*user], *seq).await)
        }
        Step::Send { room, sender, client, text, reply } => {
            let new = NewMessage {
                id: MessageId::from_uuid(made(number, 2)),
                conversation: known.room(*room),
                sender: known.people[*sender],
                client_id: ClientId::parse(&Uuid::from_u128(*client as u128).to_string()).unwrap(),
                body: body(TEXTS[*text]),
                attachments: Vec::new(),
                reply_to: reply.map(|reply| known.message(reply)),
                created_at: time,
            };
            let answer = db.messages.append(&new).await;
            if let Ok((message, true)) = &answer {
                known.messages.push(message.id);
            }
            told(answer)
        }
        Step::Edit(message, text) => {
            told(db.messages.edit(known.message(*message), &body(TEXTS[*text]), time).await)
        }
        Step::Delete(message) => told(db.messages.delete(known.message(*message), time).await),
        Step::React(message, user, face, on) => {
            let (message, user) = (known.message(*message), known.people[*user]);
            told(db.messages.react(message, user, &emoji(EMOJIS[*face]), *on).await)
        }
        Step::Profile(user, name) => {
            let display_name = Some(DisplayName::parse(NAMES[*name]).unwrap());
            let patch = ProfilePatch { display_name, ..ProfilePatch::default() };
            told(db.users.update_profile(known.people[*user], &patch).await)
                + &told(db.users.search(["", "mul", "李", "a"][*name], None, 2).await)
        }
        Step::List(room, window, limit) => told(db.messages.list(known.room(*room), *window, *limit).await),
        Step::Sync { user, cursors, messages, recent, reset_after } => {
            let cursors = cursors.iter().map(|(room, rev)| (known.room(*room), *rev)).collect();
            let limits = SyncLimits { messages: *messages, recent: *recent, reset_after: *reset_after };
            reads(db.messages.sync(known.people[*user], &cursors, limits).await)
        }
        Step::Search { user, query, room, sender, limit } => {
            let (user, query) = (known.people[*user], SearchQuery::parse(QUERIES[*query]).unwrap());
            let filter = SearchFilter {
                conversation: room.map(|room| known.room(room)),
                sender: sender.map(|sender| known.people[sender]),
                ..SearchFilter::default()
            };
            let first = db.messages.search(user, &query, &filter, None, *limit).await;
            let next = first.as_ref().ok().and_then(|page| page.next.clone());
            let second = db.messages.search(user, &query, &filter, next.as_deref(), *limit).await;
            told(first) + &told(second)
        }
        Step::Browse { user, title, limit } => told(
            db.conversations
                .channels(known.people[*user], ["n", "sao", "京", ""][*title], None, *limit)
                .await,
        ),
    }
}

/// Leads a whole life; what was answered at each step, what is seen at its end, and what was told.
pub(super) async fn live(db: Backend, steps: &[Step]) -> Vec<String> {
    let mut known = Known::default();
    for (number, name) in NAMES.iter().enumerate() {
        let mut user = a_user(&format!("person{number}"), name);
        user.id = UserId::from_uuid(made(number, 3));
        let general = ConversationId::from_uuid(made(0, 4));
        db.users.create(&user, &fixture::hash(), general).await.unwrap();
        known.people.push(user.id);
    }
    known.rooms.push(db.general().await);
    let mut story = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let answer = take(&db, &mut known, number + 8, step).await;
        story.push(format!("{number} {step:?}\n{answer}\n{:#?}", db.changes().await));
    }
    let all = SyncLimits { messages: 1_000, recent: 1_000, reset_after: 1_000 };
    for user in known.people.clone() {
        story.push(told(db.conversations.list(user).await));
        story.push(reads(db.messages.sync(user, &HashMap::new(), all).await));
        let mut contacts = db.users.contacts(user).await.unwrap();
        contacts.sort_unstable();
        story.push(format!("{contacts:?}"));
        for query in QUERIES {
            story.push(format!("{query} {:?}", db.find(query, user).await));
        }
    }
    for message in &known.messages {
        story.push(told(db.messages.find(*message).await));
    }
    for room in &known.rooms {
        story.push(told(db.conversations.members(*room, None, 100).await));
        story.push(told(db.conversations.reads(*room).await));
    }
    story
}

/// Leads many random lives on a database and on its twin in memory.
fn tells_the_same_story<F: Future<Output = Backend>>(cases: u32, backend: impl Fn() -> F) {
    let config = ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    proptest!(config, |(steps in prop::collection::vec(step(), 20..120))| {
        let (model, other) = runtime.block_on(async {
            (live(memory().await, &steps).await, live(backend().await, &steps).await)
        });
        for (model, other) in model.iter().zip(&other) {
            prop_assert!(model == other, "memory: {model}\n\nthe other: {other}");
        }
        prop_assert_eq!(model.len(), other.len());
    });
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

#[test]
fn sqlite_tells_the_same_story_as_memory() {
    tells_the_same_story(cases(), fixture::sqlite);
}

#[test]
fn mongo_tells_the_same_story_as_memory() {
    // Each life has a database of its own, which takes longer to make than to use.
    tells_the_same_story(cases().div_ceil(4), fixture::mongo);
}

#[test]
fn a_standalone_mongo_tells_the_same_story_as_memory() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mongod = runtime.block_on(Mongod::standalone());
    tells_the_same_story(cases().div_ceil(4), || fixture::standalone(&mongod));
}
