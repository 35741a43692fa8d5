//! Writes an archive of a made-up chat to standard output, the same for the same arguments: to try imports and
//! migrations of any size. `generate_archive --messages 1000000 | chatconnect import -`

use std::{collections::BTreeSet, io, os::fd::AsFd};

use chatconnect::{
    adapters::gateways::archive_file::JsonLinesWriter,
    domain::{
        entities::{
            archive::{ArchivedConversation, ArchivedMember, ArchivedUser, Record},
            conversation::{ConversationKind, GENERAL_TITLE, Role, Title},
            ids::{ClientId, ConversationId, MessageId, SessionId, UserId},
            message::{Body, Emoji, Message, Reaction},
            session::{Session, SessionKey},
            timestamp::Timestamp,
            user::{DisplayName, PasswordHash, User, Username},
        },
        error::archive::ArchiveError,
        interfaces::archive_file::ArchiveWriter,
    },
};
use clap::Parser;
use uuid::Uuid;

#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 10_000)]
    messages: u64,
    #[arg(long, default_value_t = 200)]
    people: u64,
    /// Besides the channel `general`, which holds a tenth of the messages
    #[arg(long, default_value_t = 100)]
    conversations: u64,
}

/// 2026-01-01T00:00:00Z; the last message was sent a year later.
const BEGIN: i64 = 1_767_225_600_000;
const YEAR: u64 = 365 * 24 * 60 * 60 * 1000;

/// SplitMix64 (Steele, Lea, Flood 2014): numbers that look random.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A UUID of version 7 (RFC 9562) of this moment.
    fn uuid(&mut self, millis: i64) -> Uuid {
        let random = u128::from(self.next()) << 64 | u128::from(self.next());
        let random = random & 0x0fff_3fff_ffff_ffff_ffff;
        Uuid::from_u128((millis as u128) << 80 | 7 << 76 | 2 << 62 | random)
    }

    /// Between 4 and 27 words, as people write.
    fn text(&mut self) -> String {
        const SYLLABLES: [&str; 16] = [
            "ba", "co", "di", "fu", "gue", "já", "lo", "mi", "ne", "pão", "que", "ri", "so", "tu", "vi", "xa",
        ];
        let mut text = String::new();
        for _ in 0..4 + self.below(24) {
            // Few words are used often, and many seldom.
            let rank = self.below(64) * self.below(64);
            for place in 0..1 + rank % 4 {
                text.push_str(SYLLABLES[(rank >> place) as usize % SYLLABLES.len()]);
            }
            text.push(' ');
        }
        text
    }
}

/// Where messages are sent to.
struct Room {
    id: ConversationId,
    kind: ConversationKind,
    general: bool,
    messages: u64,
    members: Vec<UserId>,
    last: Option<MessageId>,
}

impl Room {
    /// How many of the members write at all.
    fn senders(&self) -> usize {
        if self.members.len() > 2 { self.members.len() / 2 } else { self.members.len() }
    }
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(BEGIN + millis as i64)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let mut archive = JsonLinesWriter::of(io::stdout().as_fd().try_clone_to_owned()?);
    archive.begin(at(YEAR)).await?;
    let mut dice = Dice(options.messages);
    let people = write_people(&mut archive, &mut dice, options.people.max(2)).await?;
    let mut rooms = write_rooms(&mut archive, &mut dice, &people, &options).await?;
    write_messages(&mut archive, &mut dice, &mut rooms).await?;
    let summary = archive.end().await?;
    eprintln!("{}", summary.counts);
    Ok(())
}

/// Each with one session.
async fn write_people(
    archive: &mut JsonLinesWriter,
    dice: &mut Dice,
    count: u64,
) -> Result<Vec<UserId>, Box<dyn std::error::Error>> {
    let mut people: Vec<UserId> = (0..count).map(|_| UserId::from_uuid(dice.uuid(BEGIN))).collect();
    people.sort_unstable();
    for (number, id) in people.iter().enumerate() {
        let user = User {
            id: *id,
            username: Username::parse(&format!("person{number}")).map_err(|error| error.reason)?,
            display_name: DisplayName::parse(&format!("Person {number}")).map_err(|error| error.reason)?,
            locale: None,
            avatar: None,
            created_at: at(0),
            last_seen_at: Some(at(dice.below(YEAR))),
        };
        let hash = PasswordHash::new("$2b$04$abcdefghijklmnopqrstuuEyO6Nf6VNGFbeXzLVnYlNPBKXdJXSsm");
        archive.write(&[Record::User(ArchivedUser { user, hash, admin: false, banned_at: None })]).await?;
    }
    let mut sessions: Vec<Session> = Vec::new();
    for user in &people {
        sessions.push(Session {
            key: SessionKey::from_bytes(*dice.uuid(BEGIN).as_bytes()),
            id: SessionId::from_uuid(dice.uuid(BEGIN)),
            user: *user,
            device: "a made-up device".to_owned(),
            created_at: at(0),
            last_seen_at: at(YEAR),
            expires_at: at(100 * YEAR),
        });
    }
    sessions.sort_by_key(|session| session.key);
    for session in sessions {
        archive.write(&[Record::Session(session)]).await?;
    }
    Ok(people)
}

/// Direct conversations, groups and channels, by turns.
async fn write_rooms(
    archive: &mut JsonLinesWriter,
    dice: &mut Dice,
    people: &[UserId],
    options: &Options,
) -> Result<Vec<Room>, Box<dyn std::error::Error>> {
    let in_general = options.messages / 10;
    let mut rooms = vec![Room {
        id: ConversationId::from_uuid(dice.uuid(BEGIN)),
        kind: ConversationKind::Channel,
        general: true,
        messages: in_general,
        members: people.to_vec(),
        last: None,
    }];
    let elsewhere = options.messages - in_general;
    let count = options.people.max(2);
    for number in 0..options.conversations.max(1) {
        let kind = match number % 3 {
            0 => ConversationKind::Group,
            1 => ConversationKind::Channel,
            _ => ConversationKind::Direct,
        };
        let size = if kind == ConversationKind::Direct { 2 } else { 2 + dice.below(count.min(60) - 1) };
        // Neighbours in the list; for direct conversations each time others.
        let first = if kind == ConversationKind::Direct { number / 3 } else { dice.below(count) };
        let mut members: Vec<UserId> =
            (first..first + size).map(|place| people[(place % count) as usize]).collect();
        members.sort_unstable();
        members.dedup();
        let share = elsewhere / options.conversations.max(1);
        let rest = if number == 0 { elsewhere % options.conversations.max(1) } else { 0 };
        let id = ConversationId::from_uuid(dice.uuid(BEGIN));
        rooms.push(Room { id, kind, general: false, messages: share + rest, members, last: None });
    }
    rooms.sort_by_key(|room| room.id);
    for (number, room) in rooms.iter().enumerate() {
        let title = match room.kind {
            ConversationKind::Direct => None,
            _ if room.general => Some(GENERAL_TITLE.to_owned()),
            _ => Some(format!("Room {number}")),
        };
        let conversation = ArchivedConversation {
            id: room.id,
            kind: room.kind,
            title: title.map(|title| Title::parse(&title)).transpose().map_err(|error| error.reason)?,
            general: room.general,
            rev: room.messages * 3 + 1,
            created_at: at(0),
        };
        archive.write(&[Record::Conversation(conversation)]).await?;
    }
    for room in &rooms {
        for (place, user) in room.members.iter().enumerate() {
            let owns = place == 0 && room.kind != ConversationKind::Direct && !room.general;
            let member = ArchivedMember {
                conversation: room.id,
                user: *user,
                role: if owns { Role::Owner } else { Role::Member },
                joined_at: at(0),
                // Who has sent a message has read it.
                read_seq: if place < room.senders() { room.messages } else { dice.below(room.messages + 1) },
                muted: dice.below(10) == 0,
            };
            archive.write(&[Record::Member(member)]).await?;
        }
    }
    Ok(rooms)
}

/// All over the year in each conversation, in the order of their ids.
async fn write_messages(
    archive: &mut JsonLinesWriter,
    dice: &mut Dice,
    rooms: &mut [Room],
) -> Result<(), ArchiveError> {
    // The next message of each conversation.
    let mut next = BTreeSet::new();
    for (place, room) in rooms.iter().enumerate() {
        next.extend(upcoming(dice, room, 1).map(|id| (id, place, 1)));
    }
    while let Some((id, place, seq)) = next.pop_first() {
        if let Some(message) = message(dice, &rooms[place], id, seq) {
            archive.write(&[Record::Message(message)]).await?;
        }
        rooms[place].last = Some(id);
        next.extend(upcoming(dice, &rooms[place], seq + 1).map(|id| (id, place, seq + 1)));
    }
    Ok(())
}

/// The id of the message with this `seq`, when there is to be one.
fn upcoming(dice: &mut Dice, room: &Room, seq: u64) -> Option<MessageId> {
    let millis = u128::from(YEAR) * u128::from(seq) / u128::from(room.messages + 1);
    let sent = at(millis as u64).as_millis();
    (seq <= room.messages).then(|| MessageId::from_uuid(dice.uuid(sent)))
}

fn message(dice: &mut Dice, room: &Room, id: MessageId, seq: u64) -> Option<Message> {
    let millis = (id.as_uuid().as_u128() >> 80) as i64;
    let created_at = Timestamp::from_millis(millis);
    let deleted = dice.below(100) == 0;
    let mut reactions = Vec::new();
    if !deleted && dice.below(10) == 0 {
        let people = 1 + dice.below(room.members.len().min(5) as u64) as usize;
        let emoji = ["👍", "🎉", "❤️"][dice.below(3) as usize];
        reactions.push(Reaction {
            emoji: Emoji::parse(emoji).ok()?,
            count: people as u32,
            users: room.members[..people].to_vec(),
        });
    }
    Some(Message {
        id,
        conversation: room.id,
        seq,
        rev: seq * 3,
        sender: room.members[dice.below(room.senders() as u64) as usize],
        client_id: ClientId::parse(&dice.uuid(millis).to_string()).ok()?,
        body: if deleted { None } else { Body::parse(&dice.text()).ok() },
        attachments: Vec::new(),
        reply_to: room.last.filter(|_| dice.below(10) == 0),
        reactions,
        created_at,
        edited_at: (dice.below(20) == 0).then_some(created_at),
        deleted_at: deleted.then_some(created_at),
    })
}
