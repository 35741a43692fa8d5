//! What happened to a conversation as a whole, as its marker carries it to every node.
//!
//! The marker is a document among the messages, before the first one: its `_id` is the conversation's, its `seq` 0. Every
//! change of the title, the members or a role replaces it, with the next `rev`, and says what happened and how the
//! conversation is now. So the change events of one collection tell everything, in the order of `rev`.

use std::{borrow::Cow, sync::Arc};

use mongodb::bson::RawDocument;
use serde::{Deserialize, Serialize};

use super::{
    rows::{self, StoredMessage, StoredRole},
    values::{Key, Time, broken},
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::Conversation,
        ids::{ConversationId, UserId},
    },
    error::Result,
};

/// What happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Event {
    Created {
        members: Vec<Key<UserId>>,
    },
    /// Title, roles.
    Updated,
    Joined {
        users: Vec<Key<UserId>>,
        told: bool,
    },
    Left {
        user: Key<UserId>,
        told: bool,
        /// Somebody else became owner.
        inherited: bool,
    },
    Deleted,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Marker<'a> {
    #[serde(rename = "_id")]
    id: Key<ConversationId>,
    conversation: Key<ConversationId>,
    seq: u64,
    pub rev: u64,
    /// As in a message.
    revs: Cow<'a, [u64]>,
    event: Event,
    /// How it is afterwards; nothing once it was deleted.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    snapshot: Option<Snapshot<'a>>,
    /// There once the conversation was deleted; the marker stays a while longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted: Option<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    title: Option<Cow<'a, str>>,
    members: Vec<StoredRole>,
    member_count: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    last_message: Option<StoredMessage<'a>>,
    last_seq: u64,
    rev: u64,
    created_at: Time,
}

impl<'a> Marker<'a> {
    /// `revs` are those that it has had, and at their end the one that the change takes, if it takes one.
    pub(super) fn new(conversation: &'a Conversation, event: Event, revs: &'a [u64]) -> Self {
        let id = Key(conversation.id);
        let snapshot = Some(Snapshot::of(conversation));
        let (rev, revs) = (last(revs), Cow::Borrowed(revs));
        Self { id, conversation: id, seq: 0, rev, revs, event, snapshot, deleted: None }
    }

    /// It takes a `rev`, so that a write that is under way anywhere runs into it.
    pub(super) fn deleted(id: ConversationId, revs: &'a [u64]) -> Self {
        let id = Key(id);
        let (rev, revs, event) = (last(revs), Cow::Borrowed(revs), Event::Deleted);
        Self { id, conversation: id, seq: 0, rev, revs, event, snapshot: None, deleted: Some(true) }
    }

    pub(super) fn read(document: &'a RawDocument) -> Result<Self> {
        rows::read(document)
    }

    pub(super) const fn conversation(&self) -> ConversationId {
        self.conversation.0
    }

    pub(super) const fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    /// What is to be told.
    pub(super) fn changes(&self) -> Result<Vec<Change>> {
        if matches!(self.event, Event::Deleted) {
            return Ok(vec![Change::ConversationDeleted(self.conversation.0)]);
        }
        let snapshot = self.snapshot.as_ref().ok_or_else(|| broken("a change without a conversation"))?;
        let conversation = Arc::new(snapshot.conversation(self.conversation.0)?);
        let ids = |users: &[Key<UserId>]| users.iter().map(|user| user.0).collect();
        Ok(match &self.event {
            Event::Created { members } => {
                vec![Change::ConversationCreated { conversation, members: ids(members) }]
            }
            Event::Updated => vec![Change::ConversationUpdated(conversation)],
            Event::Joined { users, told } => {
                vec![Change::MembersJoined { conversation, users: ids(users), told: *told }]
            }
            Event::Left { user, told, inherited } => {
                let left =
                    Change::MemberLeft { conversation: Arc::clone(&conversation), user: user.0, told: *told };
                // In a large conversation nobody hears who left, but everybody who owns it now.
                let updated = (*inherited && !*told).then_some(Change::ConversationUpdated(conversation));
                std::iter::once(left).chain(updated).collect()
            }
            Event::Deleted => Vec::new(),
        })
    }
}

fn last(revs: &[u64]) -> u64 {
    revs.last().copied().unwrap_or(0)
}

impl Snapshot<'_> {
    fn conversation(&self, id: ConversationId) -> Result<Conversation> {
        Ok(Conversation {
            id,
            kind: rows::kind(&self.kind)?,
            title: rows::title(self.title.as_deref())?,
            members: self.members.iter().map(StoredRole::member).collect::<Result<_>>()?,
            member_count: self.member_count,
            last_message: self.last_message.as_ref().map(StoredMessage::message).transpose()?,
            last_seq: self.last_seq,
            rev: self.rev,
            created_at: self.created_at.0,
        })
    }
}

impl<'a> Snapshot<'a> {
    fn of(conversation: &'a Conversation) -> Self {
        Self {
            kind: Cow::Borrowed(conversation.kind.as_str()),
            title: conversation.title.as_ref().map(|title| Cow::Borrowed(title.as_str())),
            members: conversation.members.iter().map(|member| StoredRole::from(*member)).collect(),
            member_count: conversation.member_count,
            last_message: conversation.last_message.as_ref().map(|last| StoredMessage::of(last, &[])),
            last_seq: conversation.last_seq,
            rev: conversation.rev,
            created_at: Time(conversation.created_at),
        }
    }
}
