//! Everything that a chat is made of, as records that go from one database to another. What can be derived from other
//! records (counters, search indexes, names people are found by) is not among them.

use std::{fmt, str::FromStr};

use super::{
    conversation::{ConversationKind, Role, Title},
    ids::{ConversationId, MessageId, UserId},
    message::Message,
    registration::Registration,
    session::{Session, SessionKey},
    timestamp::Timestamp,
    user::{PasswordHash, User},
};

/// The kinds of record, in the order in which they stand in an archive: none refers to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    User,
    /// Somebody whose account is gone, and whose messages are not.
    Gone,
    Session,
    Conversation,
    Member,
    Message,
    /// What administrators decided for the server.
    Setting,
    /// Who does not want to hear from whom.
    Block,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::User,
        Self::Gone,
        Self::Session,
        Self::Conversation,
        Self::Member,
        Self::Message,
        Self::Setting,
        Self::Block,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Gone => "gone",
            Self::Session => "session",
            Self::Conversation => "conversation",
            Self::Member => "member",
            Self::Message => "message",
            Self::Setting => "setting",
            Self::Block => "block",
        }
    }

    /// The kind whose records come after those of this one.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind > self)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedUser {
    pub user: User,
    pub hash: PasswordHash,
    /// Whether they may administrate the server.
    pub admin: bool,
    /// Since when they may not sign in.
    pub banned_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchivedGone {
    pub id: UserId,
    pub deleted_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedConversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    pub title: Option<Title>,
    /// Whether it is the channel that every new user joins.
    pub general: bool,
    /// The change counter, which may be greater than that of any message.
    pub rev: u64,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedMember {
    pub conversation: ConversationId,
    pub user: UserId,
    pub role: Role,
    pub joined_at: Timestamp,
    /// The newest `seq` that the person has read; their own messages count as read.
    pub read_seq: u64,
    pub muted: bool,
    pub pinned: bool,
    /// Marked as unread, though it was read.
    pub unread: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchivedBlock {
    pub blocker: UserId,
    pub blocked: UserId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    User(ArchivedUser),
    Gone(ArchivedGone),
    Session(Session),
    Conversation(ArchivedConversation),
    Member(ArchivedMember),
    /// Its reactions name everybody who reacted.
    Message(Message),
    /// Who may open an account.
    Registration(Registration),
    Block(ArchivedBlock),
}

impl Record {
    pub const fn key(&self) -> Key {
        match self {
            Self::User(user) => Key::User(user.user.id),
            Self::Gone(gone) => Key::Gone(gone.id),
            Self::Session(session) => Key::Session(session.key),
            Self::Conversation(conversation) => Key::Conversation(conversation.id),
            Self::Member(member) => Key::Member(member.conversation, member.user),
            Self::Message(message) => Key::Message(message.id),
            Self::Registration(_) => Key::Registration,
            Self::Block(block) => Key::Block(block.blocker, block.blocked),
        }
    }

    /// A session that has ended is worth nothing to anybody, and a database may remove it at any moment.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        matches!(self, Self::Session(session) if session.expires_at <= now)
    }
}

/// Names a record. Keys sort in the canonical order: by kind, and then by their parts, ids as their 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    User(UserId),
    Gone(UserId),
    Session(SessionKey),
    Conversation(ConversationId),
    Member(ConversationId, UserId),
    Message(MessageId),
    Registration,
    Block(UserId, UserId),
}

impl Key {
    pub const fn kind(self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::Gone(_) => Kind::Gone,
            Self::Session(_) => Kind::Session,
            Self::Conversation(_) => Kind::Conversation,
            Self::Member(..) => Kind::Member,
            Self::Message(_) => Kind::Message,
            Self::Registration => Kind::Setting,
            Self::Block(..) => Kind::Block,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind().as_str())?;
        match self {
            Self::User(id) | Self::Gone(id) => id.fmt(f),
            Self::Session(key) => Hex(key.as_bytes()).fmt(f),
            Self::Conversation(id) => id.fmt(f),
            Self::Member(conversation, user) => write!(f, "{conversation}/{user}"),
            Self::Message(id) => id.fmt(f),
            Self::Registration => f.write_str("registration"),
            Self::Block(blocker, blocked) => write!(f, "{blocker}/{blocked}"),
        }
    }
}

/// The text is not the name of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the name of a record")]
pub struct InvalidKey;

impl FromStr for Key {
    type Err = InvalidKey;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        fn part<T: FromStr>(text: &str) -> Result<T, InvalidKey> {
            text.parse().map_err(|_| InvalidKey)
        }
        let (kind, name) = text.split_once(' ').ok_or(InvalidKey)?;
        let parts = || name.split_once('/').ok_or(InvalidKey);
        Ok(match kind {
            "user" => Self::User(part(name)?),
            "gone" => Self::Gone(part(name)?),
            "session" => Self::Session(SessionKey::from_bytes(parse_hex(name).ok_or(InvalidKey)?)),
            "conversation" => Self::Conversation(part(name)?),
            "member" => Self::Member(part(parts()?.0)?, part(parts()?.1)?),
            "message" => Self::Message(part(name)?),
            "setting" if name == "registration" => Self::Registration,
            "block" => Self::Block(part(parts()?.0)?, part(parts()?.1)?),
            _ => return Err(InvalidKey),
        })
    }
}

/// How many records there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub users: u64,
    pub gone: u64,
    pub sessions: u64,
    pub conversations: u64,
    pub members: u64,
    pub messages: u64,
    pub settings: u64,
    pub blocks: u64,
}

impl Counts {
    pub const fn of(&self, kind: Kind) -> u64 {
        match kind {
            Kind::User => self.users,
            Kind::Gone => self.gone,
            Kind::Session => self.sessions,
            Kind::Conversation => self.conversations,
            Kind::Member => self.members,
            Kind::Message => self.messages,
            Kind::Setting => self.settings,
            Kind::Block => self.blocks,
        }
    }

    pub const fn add(&mut self, kind: Kind, records: u64) {
        let count = match kind {
            Kind::User => &mut self.users,
            Kind::Gone => &mut self.gone,
            Kind::Session => &mut self.sessions,
            Kind::Conversation => &mut self.conversations,
            Kind::Member => &mut self.members,
            Kind::Message => &mut self.messages,
            Kind::Setting => &mut self.settings,
            Kind::Block => &mut self.blocks,
        };
        *count = count.saturating_add(records);
    }

    pub fn total(&self) -> u64 {
        Kind::ALL.into_iter().fold(0, |sum, kind| sum.saturating_add(self.of(kind)))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |kind: &Kind| !matches!(kind, Kind::Gone | Kind::Setting | Kind::Block);
        for (place, kind) in Kind::ALL.into_iter().filter(told).enumerate() {
            let count = self.of(kind);
            let (comma, plural) = (if place > 0 { ", " } else { "" }, if count == 1 { "" } else { "s" });
            write!(f, "{comma}{count} {}{plural}", kind.as_str())?;
        }
        Ok(())
    }
}

/// SHA-256 (FIPS 180-4) of records in their canonical order and form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum([u8; 32]);

impl Checksum {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl FromStr for Checksum {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        parse_hex(text).map(Self).ok_or(InvalidKey)
    }
}

/// What was carried: the same for two databases exactly when they hold the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub counts: Counts,
    pub checksum: Checksum,
}

/// Bytes as lower-case hexadecimal digits.
pub struct Hex<'b>(pub &'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Exactly `N` bytes out of their hexadecimal digits.
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn keys() -> [Key; 10] {
        let (low, high) = (Uuid::from_u128(7), Uuid::from_u128(u128::MAX));
        [
            Key::User(UserId::from_uuid(high)),
            Key::Gone(UserId::from_uuid(low)),
            Key::Session(SessionKey::from_bytes([0xab; 16])),
            Key::Conversation(ConversationId::from_uuid(high)),
            Key::Member(ConversationId::from_uuid(low), UserId::from_uuid(high)),
            Key::Member(ConversationId::from_uuid(high), UserId::from_uuid(low)),
            Key::Message(MessageId::from_uuid(low)),
            Key::Message(MessageId::from_uuid(high)),
            Key::Registration,
            Key::Block(UserId::from_uuid(low), UserId::from_uuid(high)),
        ]
    }

    #[test]
    fn keys_stand_in_the_canonical_order() {
        assert!(keys().is_sorted());
        assert!(Kind::ALL.is_sorted());
        assert_eq!(
            Kind::ALL.map(Kind::next)[4..],
            [Some(Kind::Message), Some(Kind::Setting), Some(Kind::Block), None]
        );
    }

    #[test]
    fn keys_and_checksums_are_read_as_they_were_written() {
        for key in keys() {
            assert_eq!(key.to_string().parse(), Ok(key), "{key}");
        }
        for text in ["", "user", "user x", "session abc", "message 7", "member a/b", "toy 1"] {
            assert_eq!(text.parse::<Key>(), Err(InvalidKey), "{text}");
        }
        let checksum = Checksum::from_bytes(std::array::from_fn(|place| place as u8));
        assert_eq!(checksum.to_string().parse(), Ok(checksum));
        assert!("00".parse::<Checksum>().is_err() && "é".repeat(32).parse::<Checksum>().is_err());
    }

    #[test]
    fn counts_are_told() {
        let mut counts = Counts::default();
        counts.add(Kind::User, 1);
        counts.add(Kind::Message, 2);
        let told = "1 user, 0 sessions, 0 conversations, 0 members, 2 messages";
        assert_eq!((counts.total(), counts.to_string()), (3, told.to_owned()));
    }
}
