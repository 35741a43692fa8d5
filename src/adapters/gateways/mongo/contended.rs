//! Messages of a conversation to which another node writes at the same moment. What was known of its end is out of date, and
//! a guess would lose against the other node again and again: here it is asked in the transaction that writes, on the one
//! server that takes the write, so that the answer cannot be that of a server whose last writes will be undone.

use std::{collections::HashMap, sync::Arc};

use super::{
    Database,
    append::Group,
    checks::{self, Refusal},
    errors::Failure,
    lanes::Head,
    rows::StoredMessage,
    schema::MESSAGES,
    transaction::Transaction,
    values::broken,
    views,
};
use crate::domain::{
    entities::{
        change::Change,
        ids::{ClientId, ConversationId, UserId},
        message::Message,
    },
    error::{DomainError, Result},
};

struct New {
    message: Message,
    tokens: Vec<String>,
}

/// What became of a message.
enum Fate {
    Stored(Message),
    Repeat(Message),
    Refused(Refusal),
}

/// Stores all, and answers each.
pub(super) async fn write(database: Arc<Database>, group: Group) {
    let Group { waiting, place } = group;
    let (news, answers): (Vec<New>, Vec<_>) = waiting
        .into_iter()
        .map(|waiting| (New { message: waiting.message, tokens: waiting.tokens }, waiting.answer))
        .unzip();
    let (id, news) = (place.id(), Arc::new(news));
    let outcome = database
        .transaction(move |transaction| {
            let news = Arc::clone(&news);
            Box::pin(async move { store(transaction, id, &news).await })
        })
        .await;
    let (head, fates) = match outcome {
        Ok(stored) => stored,
        Err(error) => {
            if let Some(turn) = place.turn() {
                turn.forget();
            }
            let reason = error.cause().map_or_else(|| error.to_string(), ToString::to_string);
            for answer in answers {
                drop(answer.send(Err(DomainError::unavailable(reason.clone()))));
            }
            return;
        }
    };
    if let (Some(turn), Some(head)) = (place.turn(), head) {
        turn.ends_at(head);
    }
    for (fate, answer) in fates.into_iter().zip(answers) {
        let fate = match fate {
            Fate::Stored(message) => {
                database.tell_with(|| Change::MessageCreated(Arc::new(message.clone())));
                Ok((message, true))
            }
            Fate::Repeat(original) => Ok((original, false)),
            Fate::Refused(refusal) => Err(refusal.error()),
        };
        drop(answer.send(fate));
    }
}

async fn store(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    news: &[New],
) -> Result<(Option<Head>, Vec<Fate>), Failure> {
    let messages: Vec<&Message> = news.iter().map(|new| &new.message).collect();
    let originals = checks::sent(transaction.reads(), &messages).await?;
    let refusals = checks::refusals(transaction.reads(), &messages).await?;
    let mut head = views::heads(transaction.reads(), &[id]).await?.remove(&id);
    let mut fates = Vec::with_capacity(news.len());
    let mut documents = Vec::new();
    // A transaction cannot go on after what a unique index refuses.
    let mut among_these: HashMap<(UserId, &ClientId), Message> = HashMap::new();
    for ((new, original), refusal) in news.iter().zip(originals).zip(refusals) {
        let sent = (new.message.sender, &new.message.client_id);
        if let Some(original) = original.or_else(|| among_these.get(&sent).cloned()) {
            fates.push(Fate::Repeat(original));
        } else if let Some(refusal) = refusal {
            fates.push(Fate::Refused(refusal));
        } else {
            let head = head.as_mut().ok_or_else(|| broken("a conversation without its marker"))?;
            *head = Head { seq: head.seq + 1, rev: head.rev + 1 };
            let message = Message { seq: head.seq, rev: head.rev, ..new.message.clone() };
            among_these.insert(sent, message.clone());
            documents.push((message.clone(), new.tokens.as_slice()));
            fates.push(Fate::Stored(message));
        }
    }
    let documents = documents.iter().map(|(message, tokens)| StoredMessage::of(message, tokens));
    let documents: Vec<_> = documents.collect();
    // Where nothing was stored, the end may be that of a deleted conversation, after which nobody may write.
    let head = head.filter(|_| !documents.is_empty());
    transaction.insert_many(MESSAGES, documents).await?;
    Ok((head, fates))
}
