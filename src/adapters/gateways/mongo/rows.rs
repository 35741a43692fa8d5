//! Documents as they are stored, and the entities that they stand for.

use std::borrow::Cow;

use mongodb::bson::{self, Binary, RawDocument, spec::BinarySubtype};
use serde::{Deserialize, Serialize};

use super::{
    attachments::StoredFile,
    values::{Key, Time, broken, refused},
};
use crate::domain::{
    entities::{
        conversation::{ConversationKind, Member, Role, Title},
        ids::{ClientId, ConversationId, MessageId, UserId},
        message::{Body, Emoji, Message, Reaction},
        search_text::{fold, tokens},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
};

/// What every message that can be found has among its tokens: the index of tokens gives with it all messages of a
/// conversation, the newest first. No text has it, for no token is empty.
pub(super) const ANY_TOKEN: &str = "";

/// Reads a document into what borrows from it.
pub(super) fn read<'a, T: Deserialize<'a>>(document: &'a RawDocument) -> Result<T> {
    bson::deserialize_from_slice(document.as_bytes()).map_err(broken)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredMessage<'a> {
    #[serde(rename = "_id")]
    pub id: Key<MessageId>,
    pub conversation: Key<ConversationId>,
    pub seq: u64,
    pub rev: u64,
    /// Every `rev` that it has had, the last one too. A unique index keeps others from taking one of them again.
    #[serde(default)]
    pub revs: Vec<u64>,
    pub sender: Key<UserId>,
    #[serde(borrow)]
    pub client_id: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<StoredFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Key<MessageId>>,
    /// In the order in which each emoji was first used.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<StoredReaction<'a>>,
    pub created_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Time>,
    /// What it is found by. Always made from the body, never read.
    #[serde(default, skip_deserializing, skip_serializing_if = "is_empty")]
    pub tokens: Cow<'a, [String]>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredReaction<'a> {
    #[serde(borrow)]
    pub emoji: Cow<'a, str>,
    /// Everybody, in the order in which they reacted.
    pub users: Vec<Key<UserId>>,
    /// How many they are, in copies of a message that do not name everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

fn is_empty(tokens: &[String]) -> bool {
    tokens.is_empty()
}

/// The tokens of a body, as they are stored.
pub(super) fn message_tokens(body: &str) -> Vec<String> {
    std::iter::once(ANY_TOKEN.to_owned()).chain(tokens(body)).collect()
}

impl<'a> StoredMessage<'a> {
    /// A copy, and the whole of a message that nobody has reacted to.
    pub(super) fn of(message: &'a Message, tokens: &'a [String]) -> Self {
        Self {
            id: Key(message.id),
            conversation: Key(message.conversation),
            seq: message.seq,
            rev: message.rev,
            revs: vec![message.rev],
            sender: Key(message.sender),
            client_id: Cow::Borrowed(message.client_id.as_str()),
            body: message.body.as_ref().map(|body| Cow::Borrowed(body.as_str())),
            attachments: message.attachments.iter().map(StoredFile::of).collect(),
            reply_to: message.reply_to.map(Key),
            reactions: message.reactions.iter().map(StoredReaction::of).collect(),
            created_at: Time(message.created_at),
            edited_at: message.edited_at.map(Time),
            deleted_at: message.deleted_at.map(Time),
            tokens: Cow::Borrowed(tokens),
        }
    }

    /// Takes another `rev`; answers the one that it had.
    pub(super) fn take(&mut self, rev: u64) -> u64 {
        self.revs.push(rev);
        std::mem::replace(&mut self.rev, rev)
    }

    pub(super) const fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// The whole of a message, whose reactions name everybody.
    pub(super) fn whole(message: &'a Message, tokens: Vec<String>) -> Self {
        let mut whole = Self { tokens: Cow::Owned(tokens), ..Self::of(message, &[]) };
        whole.reactions.iter_mut().for_each(|reaction| reaction.count = None);
        whole
    }

    /// The message as it is shown: reactions name the first people only.
    pub(super) fn message(&self) -> Result<Message> {
        self.naming(Message::MAX_REACTION_USERS)
    }

    /// The message with the first `limit` people of each reaction.
    pub(super) fn naming(&self, limit: usize) -> Result<Message> {
        let body = self.body.as_deref().map(Body::caption).transpose().map_err(refused)?;
        let client_id = ClientId::parse(&self.client_id).map_err(broken)?;
        let reactions =
            self.reactions.iter().map(|reaction| reaction.naming(limit)).collect::<Result<_>>()?;
        Ok(Message {
            id: self.id.0,
            conversation: self.conversation.0,
            seq: self.seq,
            rev: self.rev,
            sender: self.sender.0,
            client_id,
            body,
            attachments: self.attachments.iter().map(StoredFile::attachment).collect::<Result<_>>()?,
            reply_to: self.reply_to.map(|id| id.0),
            reactions,
            created_at: self.created_at.0,
            edited_at: self.edited_at.map(|at| at.0),
            deleted_at: self.deleted_at.map(|at| at.0),
        })
    }
}

impl<'a> StoredReaction<'a> {
    fn of(reaction: &'a Reaction) -> Self {
        let users = reaction.users.iter().copied().map(Key).collect();
        Self { emoji: Cow::Borrowed(reaction.emoji.as_str()), users, count: Some(reaction.count) }
    }

    fn naming(&self, limit: usize) -> Result<Reaction> {
        Ok(Reaction {
            emoji: Emoji::parse(&self.emoji).map_err(refused)?,
            count: self.count.unwrap_or_else(|| u32::try_from(self.users.len()).unwrap_or(u32::MAX)),
            users: self.users.iter().take(limit).map(|user| user.0).collect(),
        })
    }
}

/// Reads a message.
pub(super) fn message(document: &RawDocument) -> Result<Message> {
    read::<StoredMessage<'_>>(document)?.message()
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredConversation {
    #[serde(rename = "_id")]
    pub id: Key<ConversationId>,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What a channel's title is told apart by; other conversations have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_key: Option<String>,
    /// What a channel is found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_folded: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_key: Option<Binary>,
    /// True in the one channel that everybody joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub general: Option<bool>,
    pub member_count: u32,
    pub created_at: Time,
}

impl StoredConversation {
    /// One that nobody is in yet.
    pub(super) fn new(
        id: ConversationId,
        kind: ConversationKind,
        title: Option<&Title>,
        at: Timestamp,
    ) -> Self {
        let (title_key, title_folded) = title_keys(kind, title);
        Self {
            id: Key(id),
            kind: kind.as_str().to_owned(),
            title: title.map(|title| title.as_str().to_owned()),
            title_key,
            title_folded,
            direct_key: None,
            general: None,
            member_count: 0,
            created_at: Time(at),
        }
    }
}

/// What channels are told apart and found by; other conversations are not.
pub(super) fn title_keys(kind: ConversationKind, title: Option<&Title>) -> (Option<String>, Option<String>) {
    let title = title.filter(|_| kind == ConversationKind::Channel);
    (title.map(Title::folded), title.map(|title| fold(title.as_str())))
}

/// What the direct conversation of two people is told apart by.
pub(super) fn direct_key(one: UserId, other: UserId) -> Binary {
    let bytes = [*one.min(other).as_bytes(), *one.max(other).as_bytes()].concat();
    Binary { subtype: BinarySubtype::Generic, bytes }
}

/// The fields stand in this order in the database: the `_id` as a whole is compared with it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct MemberKey {
    pub conversation: Key<ConversationId>,
    pub user: Key<UserId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredMember {
    #[serde(rename = "_id")]
    pub key: MemberKey,
    pub role: String,
    pub joined_at: Time,
    pub read: ReadPosition,
    #[serde(default)]
    pub muted: bool,
    #[serde(default)]
    pub pinned: bool,
    /// Marked as unread, though it was read.
    #[serde(default)]
    pub unread: bool,
    /// Of direct conversations only: one of the two has blocked the other. The same for both.
    #[serde(default)]
    pub silenced: bool,
}

/// Written as a whole, so that a change event has both. What somebody sent themselves counts as read too, and is
/// not written here.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct ReadPosition {
    pub seq: u64,
    /// Whether the others hear of it.
    pub told: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredRole {
    pub user: Key<UserId>,
    pub role: String,
}

impl StoredRole {
    pub(super) fn member(&self) -> Result<Member> {
        Ok(Member { user: self.user.0, role: role(&self.role)? })
    }
}

impl From<Member> for StoredRole {
    fn from(member: Member) -> Self {
        Self { user: Key(member.user), role: member.role.as_str().to_owned() }
    }
}

pub(super) fn role(text: &str) -> Result<Role> {
    Role::parse(text).ok_or_else(|| broken(format!("the role {text:?}")))
}

pub(super) fn kind(text: &str) -> Result<ConversationKind> {
    ConversationKind::parse(text).ok_or_else(|| broken(format!("the kind {text:?}")))
}

pub(super) fn title(text: Option<&str>) -> Result<Option<Title>, DomainError> {
    text.map(Title::parse).transpose().map_err(refused)
}
