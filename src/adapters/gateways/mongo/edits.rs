//! Changes of messages: each replaces the whole document with one that has the conversation's next `rev`, and only when
//! nobody else has changed it since it was read.

use std::{borrow::Cow, sync::Arc};

use mongodb::{
    bson::{Document, RawDocument, RawDocumentBuf, doc},
    options::FindOptions,
};

use super::{
    Database,
    errors::{Failure, within},
    lanes::{Head, Turn},
    messages::without_tokens,
    reactions,
    reads::Reads,
    rows::{self, StoredMessage, message_tokens},
    schema::{MESSAGES, MESSAGES_BY_REVS},
    transaction::{MOST_RACES, pause},
    values::{Id, Time, int},
    views,
};
use crate::domain::{
    entities::{
        change::Change,
        ids::{MessageId, UserId},
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
                message.attachments.clear();
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
            let outcome = within(until_done(&this, &turn, id, found, &edit)).await;
            if !matches!(outcome, Ok(_) | Err(Failure::Refused(_))) {
                turn.forget();
            }
            Ok(outcome?)
        })
        .await
}

async fn find(reads: &mut Reads<'_>, id: MessageId) -> Result<RawDocumentBuf, Failure> {
    // A conversation's marker stands among the messages and has no sender.
    let filter = doc! { "_id": id.bson(), "sender": { "$exists": true } };
    let options = FindOptions::builder().projection(without_tokens()).limit(1).build();
    Ok(reads.find(MESSAGES, filter, Some(options)).await?.pop().ok_or(NOT_FOUND)?)
}

/// Begins anew with what there is, as often as another node is faster.
async fn until_done(
    database: &Database,
    turn: &Turn,
    id: MessageId,
    mut found: RawDocumentBuf,
    edit: &Edit,
) -> Result<Message, Failure> {
    let mut races = 0;
    loop {
        if let Some(message) = at_once(database, turn, &found, edit).await? {
            return Ok(message);
        }
        turn.forget();
        tokio::time::sleep(pause(races)).await;
        races = MOST_RACES.min(races + 1);
        found = find(&mut database.reads()?, id).await?;
    }
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
        None => views::heads(&mut database.reads()?, &[turn.id]).await?.remove(&turn.id).ok_or(NOT_FOUND)?,
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
    match collection.replace_one(unchanged(&message, old), &message).await.map_err(Failure::Driver) {
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

/// The message as it was read.
fn unchanged(message: &StoredMessage<'_>, rev: u64) -> Document {
    doc! { "_id": message.id.0.bson(), "rev": int(rev) }
}
