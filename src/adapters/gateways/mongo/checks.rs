//! Who may send what: asked for many messages at once.

use std::collections::{HashMap, HashSet};

use mongodb::{
    bson::{Bson, Document, doc},
    options::{FindOptions, Hint},
};
use serde::Deserialize;

use super::{
    conversations::NOT_FOUND,
    errors::Failure,
    members,
    reads::Reads,
    rows::{self, MemberKey, StoredMessage},
    schema::{CONVERSATIONS, MEMBERS, MESSAGES, MESSAGES_BY_CLIENT_ID},
    values::{Id, Key},
};
use crate::domain::{
    entities::{
        ids::{ConversationId, MessageId, UserId},
        message::Message,
    },
    error::{DomainError, Result},
};

/// Why a message is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NoConversation,
    NotMember,
    Blocked,
    NoReply,
}

impl Refusal {
    pub fn error(self) -> DomainError {
        match self {
            Self::NoConversation => NOT_FOUND,
            Self::NotMember => DomainError::NotMember,
            Self::Blocked => DomainError::Blocked,
            Self::NoReply => DomainError::invalid("replyTo", "is not a message of this conversation"),
        }
    }
}

/// For each message, in their order, why it is not taken, if so.
pub(super) async fn refusals(
    reads: &mut Reads<'_>,
    messages: &[&Message],
) -> Result<Vec<Option<Refusal>>, Failure> {
    let members = members_among(reads, messages).await?;
    let silenced = |message: &Message| members.get(&(message.conversation, message.sender)).copied();
    let is_member = |message: &Message| silenced(message).is_some();
    let strange: HashSet<_> =
        messages.iter().filter(|message| !is_member(message)).map(|message| message.conversation).collect();
    let there = existing(reads, &strange, doc! {}).await?;
    let answered: Vec<_> = messages.iter().filter_map(|message| message.reply_to).collect();
    let places = places(reads, &answered).await?;
    let refusal = |message: &&Message| {
        if !is_member(message) {
            let exists = there.contains(&message.conversation);
            return Some(if exists { Refusal::NotMember } else { Refusal::NoConversation });
        }
        if silenced(message) == Some(true) {
            return Some(Refusal::Blocked);
        }
        let original = message.reply_to?;
        (places.get(&original) != Some(&message.conversation)).then_some(Refusal::NoReply)
    };
    Ok(messages.iter().map(refusal).collect())
}

/// Those of the senders that are members where they send, and whether they are silenced there.
async fn members_among(
    reads: &mut Reads<'_>,
    messages: &[&Message],
) -> Result<HashMap<(ConversationId, UserId), bool>, Failure> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "_id")]
        key: MemberKey,
        #[serde(default)]
        silenced: bool,
    }
    let pairs: HashSet<_> = messages.iter().map(|message| (message.conversation, message.sender)).collect();
    let keys: Vec<_> =
        pairs.into_iter().map(|(conversation, user)| members::key(conversation, user)).collect();
    let options = FindOptions::builder().projection(doc! { "silenced": 1 }).build();
    let mut members = HashMap::with_capacity(keys.len());
    for document in reads.find(MEMBERS, doc! { "_id": { "$in": keys } }, Some(options)).await? {
        let Found { key, silenced } = rows::read(&document)?;
        members.insert((key.conversation.0, key.user.0), silenced);
    }
    Ok(members)
}

/// Those of the conversations that are there and fit the filter.
pub(super) async fn existing(
    reads: &mut Reads<'_>,
    ids: &HashSet<ConversationId>,
    mut filter: Document,
) -> Result<HashSet<ConversationId>, Failure> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "_id")]
        id: Key<ConversationId>,
    }
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    filter.insert("_id", doc! { "$in": ids.iter().map(|id| id.bson()).collect::<Vec<_>>() });
    let found = reads.find(CONVERSATIONS, filter, Some(only_ids())).await?;
    Ok(found.iter().map(|document| Ok(rows::read::<Found>(document)?.id.0)).collect::<Result<_>>()?)
}

/// In which conversations messages are.
async fn places(
    reads: &mut Reads<'_>,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, ConversationId>, Failure> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "_id")]
        id: Key<MessageId>,
        conversation: Key<ConversationId>,
        seq: u64,
    }
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Bson> = ids.iter().map(|id| id.bson()).collect();
    let options = FindOptions::builder().projection(doc! { "conversation": 1, "seq": 1 }).build();
    let mut places = HashMap::new();
    for document in reads.find(MESSAGES, doc! { "_id": { "$in": ids } }, Some(options)).await? {
        let Found { id, conversation, seq } = rows::read(&document)?;
        // A marker has its conversation's id; it is no message.
        if seq > 0 {
            places.insert(id.0, conversation.0);
        }
    }
    Ok(places)
}

pub(super) fn only_ids() -> FindOptions {
    FindOptions::builder().projection(doc! { "_id": 1 }).build()
}

/// For each message, in their order, what the same person sent under the same id, if anything.
pub(super) async fn sent(
    reads: &mut Reads<'_>,
    messages: &[&Message],
) -> Result<Vec<Option<Message>>, Failure> {
    let client_ids: HashSet<_> = messages.iter().map(|message| message.client_id.as_str()).collect();
    let senders: HashSet<_> = messages.iter().map(|message| message.sender).collect();
    let filter = doc! {
        "clientId": { "$in": client_ids.into_iter().collect::<Vec<_>>() },
        "sender": { "$in": senders.into_iter().map(Id::bson).collect::<Vec<_>>() },
    };
    let options = FindOptions::builder()
        .projection(doc! { "tokens": 0 })
        .hint(Hint::Name(MESSAGES_BY_CLIENT_ID.to_owned()))
        .build();
    let mut found = HashMap::new();
    for document in reads.find(MESSAGES, filter, Some(options)).await? {
        let original = rows::read::<StoredMessage<'_>>(&document)?.message()?;
        found.insert((original.sender, original.client_id.clone()), original);
    }
    let original = |message: &&Message| found.get(&(message.sender, message.client_id.clone())).cloned();
    Ok(messages.iter().map(original).collect())
}
