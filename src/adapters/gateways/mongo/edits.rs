//! Changes of messages: each replaces the whole document with one that has the conversation's next `rev`, and only when
//! nobody else has changed it since it was read.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use mongodb::{
    bson::{Document, RawDocument, RawDocumentBuf, doc},
    options::FindOptions,
};

use super::{
    Database, checks,
    errors::{Failure, timely, within},
    lanes::{Head, Turn},
    messages::without_tokens,
    reactions,
    reads::Reads,
    rows::{self, StoredMessage, message_tokens},
    schema::{MESSAGES, MESSAGES_BY_REVS},
    transaction::Transaction,
    values::{Id, Time, int},
    views,
    write::Done,
};
use crate::domain::{
    entities::{
        change::Change,
        ids::{ConversationId, MessageId, UserId},
        message::{Body, Emoji, Message},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
};

const NOT_FOUND: DomainError = DomainError::NotFound("message");

/// What is to be done to a message.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    Body(Body, Timestamp),
    Delete(Timestamp),
    React(UserId, Emoji, bool),
}

impl Edit {
    /// Does it; whether that changes anything.
    fn apply(&self, message: &mut StoredMessage<'_>) -> Result<bool> {
        match self {
            Self::Delete(_) if message.is_deleted() => return Ok(false),
            _ if message.is_deleted() => return Err(DomainError::MessageDeleted),
            Self::Body(body, _) if message.body.as_deref() == Some(body.as_str()) => return Ok(false),
            Self::Body(body, at) => {
                message.body = Some(Cow::Owned(body.as_str().to_owned()));
                message.edited_at = Some(Time(*at));
            }
            Self::Delete(at) => {
                message.body = None;
                message.reactions.clear();
                message.deleted_at = Some(Time(*at));
            }
            Self::React(user, emoji, on) => {
                if !reactions::react(message, *user, emoji, *on)? {
                    return Ok(false);
                }
            }
        }
        message.tokens = Cow::Owned(message.body.as_deref().map(message_tokens).unwrap_or_default());
        Ok(true)
    }
}

/// Does an edit, unless it is done already; the message afterwards.
///
/// # Errors
/// `NotFound`; what the message's state forbids.
pub(super) async fn make(database: &Arc<Database>, id: MessageId, edit: Edit) -> Result<Message> {
    let this = Arc::clone(database);
    database
        .to_the_end(async move {
            let found = within(async { find(&mut this.reads()?, id).await }).await?;
            let conversation = rows::read::<StoredMessage<'_>>(&found)?.conversation.0;
            let turn = within(async { Ok(this.lanes.enter(conversation).await) }).await?;
            let outcome = match at_once(&this, &turn, &found, &edit).await {
                Ok(Some(message)) => return Ok(message),
                Ok(None) => in_transaction(&this, &turn, id, edit).await,
                Err(failure) => Err(failure.into()),
            };
            if matches!(outcome, Err(DomainError::Unavailable { .. })) {
                turn.forget();
            }
            outcome
        })
        .await
}

async fn find(reads: &mut Reads<'_>, id: MessageId) -> Result<RawDocumentBuf, Failure> {
    // A conversation's marker stands among the messages and has no sender.
    let filter = doc! { "_id": id.bson(), "sender": { "$exists": true } };
    let options = FindOptions::builder().projection(without_tokens()).limit(1).build();
    Ok(reads.find(MESSAGES, filter, Some(options)).await?.pop().ok_or(NOT_FOUND)?)
}

/// One write after what is known; `None` when that is not so any more.
async fn at_once(
    database: &Database,
    turn: &Turn,
    found: &RawDocument,
    edit: &Edit,
) -> Result<Option<Message>, Failure> {
    let head = match turn.head() {
        Some(head) => head,
        None => within(async { end_of(&mut database.reads()?, turn.id).await }).await?,
    };
    let mut message: StoredMessage<'_> = rows::read(found)?;
    let old = message.rev;
    if head.rev < old {
        return Ok(None);
    }
    if !edit.apply(&mut message)? {
        return Ok(Some(message.message()?));
    }
    message.take(head.rev + 1);
    let (access, _) = database.ready()?;
    let collection = access.collection::<StoredMessage<'_>>(MESSAGES);
    match timely(collection.replace_one(unchanged(&message, old), &message)).await {
        Ok(outcome) if outcome.matched_count == 0 => Ok(None),
        Ok(_) => {
            turn.ends_at(Head { seq: head.seq, rev: message.rev });
            let message = message.message()?;
            database.tell_with(|| Change::MessageUpdated(Arc::new(message.clone())));
            Ok(Some(message))
        }
        Err(failure) if failure.is_duplicate(Some(MESSAGES_BY_REVS)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The same, where others write too: see [`contended`](super::contended).
async fn in_transaction(database: &Database, turn: &Turn, id: MessageId, edit: Edit) -> Result<Message> {
    let edit = Arc::new(edit);
    let done = database
        .transaction(move |transaction| {
            let edit = Arc::clone(&edit);
            Box::pin(async move { rewrite(transaction, id, &edit).await })
        })
        .await?;
    if let Some(head) = done.head {
        turn.ends_at(head);
    }
    database.tell(done.changes);
    Ok(done.answer)
}

async fn rewrite(
    transaction: &mut Transaction<'_>,
    id: MessageId,
    edit: &Edit,
) -> Result<Done<Message>, Failure> {
    let found = find(transaction.reads(), id).await?;
    let mut message: StoredMessage<'_> = rows::read(&found)?;
    if !edit.apply(&mut message)? {
        return Ok(Done::nothing(message.message()?));
    }
    let head = end_of(transaction.reads(), message.conversation.0).await?;
    let old = message.take(head.rev + 1);
    if !transaction.replace_one(MESSAGES, unchanged(&message, old), &message).await? {
        return Err(NOT_FOUND.into());
    }
    let head = Some(Head { seq: head.seq, rev: message.rev });
    let message = message.message()?;
    let changes = vec![Change::MessageUpdated(Arc::new(message.clone()))];
    Ok(Done { answer: message, head, changes })
}

/// Where a conversation ends. One that was deleted takes nothing any more, though its messages are not all gone yet; if it is
/// deleted after this, that takes a `rev`.
async fn end_of(reads: &mut Reads<'_>, id: ConversationId) -> Result<Head, Failure> {
    let head = views::heads(reads, &[id]).await?.remove(&id);
    let there = checks::existing(reads, &HashSet::from([id])).await?;
    Ok(head.filter(|_| !there.is_empty()).ok_or(NOT_FOUND)?)
}

/// The message as it was read.
fn unchanged(message: &StoredMessage<'_>, rev: u64) -> Document {
    doc! { "_id": message.id.0.bson(), "rev": int(rev) }
}
