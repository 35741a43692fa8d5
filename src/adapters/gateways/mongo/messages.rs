use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use mongodb::{
    bson::{Document, doc},
    options::{FindOptions, Hint},
};

use super::{
    Database,
    edits::{self, Edit},
    errors::{Failure, within},
    reads::Reads,
    rows,
    schema::{MESSAGES, MESSAGES_BY_CLIENT_ID, MESSAGES_BY_SEQ},
    search, sync,
    values::{Id, int},
};
use crate::domain::{
    entities::{
        ids::{ClientId, ConversationId, MessageId, UserId},
        message::{Body, Emoji, Message},
        search_text::SearchQuery,
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::message_repository::{
        MessagePage, MessageRepository, NewMessage, SearchFilter, SearchPage, SyncLimits, SyncPage, Window,
    },
};

/// Messages.
#[derive(Clone)]
pub struct MongoMessages(pub(super) Arc<Database>);

/// What is never read: it can be made again, and may be longer than all the rest.
pub(super) fn without_tokens() -> Document {
    doc! { "tokens": 0 }
}

/// The one message that `filter` fits.
async fn one(
    reads: &mut Reads<'_>,
    filter: Document,
    index: Option<&str>,
) -> Result<Option<Message>, Failure> {
    let hint = index.map(|index| Hint::Name(index.to_owned()));
    let options = FindOptions::builder().projection(without_tokens()).hint(hint).limit(1).build();
    let found = reads.find(MESSAGES, filter, Some(options)).await?;
    Ok(found.first().map(|document| rows::message(document)).transpose()?)
}

async fn list(
    reads: &mut Reads<'_>,
    conversation: ConversationId,
    window: Window,
    limit: u32,
) -> Result<MessagePage, Failure> {
    let (after, before, backwards) = match window {
        Window::Newest => (0, u64::MAX, true),
        Window::Before(before) => (0, before, true),
        Window::After(after) => (after, u64::MAX, false),
        Window::Between { after, before } => (after, before, false),
    };
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let filter = doc! {
        "conversation": conversation.bson(),
        "seq": { "$gt": int(after), "$lt": int(before) },
    };
    let options = FindOptions::builder()
        .sort(doc! { "seq": if backwards { -1 } else { 1 } })
        .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .projection(without_tokens())
        .hint(Hint::Name(MESSAGES_BY_SEQ.to_owned()))
        .build();
    let found = reads.find(MESSAGES, filter, Some(options)).await?;
    let has_more = found.len() > limit;
    let mut messages: Vec<Message> =
        found.iter().take(limit).map(|document| rows::message(document)).collect::<Result<_>>()?;
    if backwards {
        messages.reverse();
    }
    Ok(MessagePage { messages, has_more })
}

/// What each of these devices missed.
async fn pages(database: Arc<Database>, asks: Vec<sync::Ask>) -> Result<Vec<SyncPage>> {
    let mut reads = database.moment().await?;
    Ok(within(sync::sync(&mut reads, &asks)).await?)
}

#[async_trait]
impl MessageRepository for MongoMessages {
    async fn append(&self, new: &NewMessage) -> Result<(Message, bool)> {
        self.0.ready()?;
        let outcome = self.0.queue.push(new)?;
        let lost = || DomainError::unavailable("it is not known whether the message was stored");
        outcome.await.unwrap_or_else(|_| Err(lost()))
    }

    async fn find(&self, id: MessageId) -> Result<Option<Message>> {
        let mut reads = self.0.reads()?;
        // A conversation's marker stands among the messages and has no sender.
        let filter = doc! { "_id": id.bson(), "sender": { "$exists": true } };
        Ok(within(one(&mut reads, filter, None)).await?)
    }

    async fn find_many(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads = self.0.reads()?;
        let ids: Vec<_> = ids.iter().map(|id| id.bson()).collect();
        let filter = doc! { "_id": { "$in": ids }, "sender": { "$exists": true } };
        let options = FindOptions::builder().projection(without_tokens()).build();
        let found = within(async { Ok(reads.find(MESSAGES, filter, Some(options)).await?) }).await?;
        found.iter().map(|document| rows::message(document)).collect()
    }

    async fn find_sent(&self, sender: UserId, client_id: &ClientId) -> Result<Option<Message>> {
        let mut reads = self.0.reads()?;
        let filter = doc! { "clientId": client_id.as_str(), "sender": sender.bson() };
        Ok(within(one(&mut reads, filter, Some(MESSAGES_BY_CLIENT_ID))).await?)
    }

    async fn edit(&self, id: MessageId, body: &Body, at: Timestamp) -> Result<Message> {
        edits::make(&self.0, id, Edit::Body(body.clone(), at)).await
    }

    async fn delete(&self, id: MessageId, at: Timestamp) -> Result<Message> {
        edits::make(&self.0, id, Edit::Delete(at)).await
    }

    async fn react(&self, id: MessageId, user: UserId, emoji: &Emoji, on: bool) -> Result<Message> {
        edits::make(&self.0, id, Edit::React(user, emoji.clone(), on)).await
    }

    async fn list(&self, conversation: ConversationId, window: Window, limit: u32) -> Result<MessagePage> {
        let mut reads = self.0.reads()?;
        Ok(within(list(&mut reads, conversation, window, limit)).await?)
    }

    async fn sync(
        &self,
        user: UserId,
        cursors: &HashMap<ConversationId, u64>,
        limits: SyncLimits,
    ) -> Result<SyncPage> {
        let ask = sync::Ask { user, cursors: cursors.clone(), limits };
        self.0.ask(|arrivals| &arrivals.syncs, ask, pages).await
    }

    async fn search(
        &self,
        user: UserId,
        query: &SearchQuery,
        filter: &SearchFilter,
        before: Option<&str>,
        limit: u32,
    ) -> Result<SearchPage> {
        let before = before.map(search::cursor).transpose()?;
        let mut reads = self.0.reads()?;
        Ok(within(search::search(&mut reads, user, query, *filter, before, limit)).await?)
    }
}
