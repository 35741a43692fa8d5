use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Database,
    conversations::{self, NOT_FOUND},
    keys, members, reactions, rows, search, sync,
    values::{int, number},
    writer::Batch,
};
use crate::adapters::dto::archive::files;
use crate::domain::{
    entities::{
        change::Change,
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
pub struct SqliteMessages(pub(super) Arc<Database>);

fn sent(conn: &Connection, sender: UserId, client_id: &ClientId) -> Result<Option<Message>> {
    let found = rows::select(conn, "messages m WHERE m.sender = ? AND m.client_id = ?", (sender, client_id))?;
    Ok(found.into_iter().next())
}

/// The path that every message takes: nothing here depends on how many members or messages there are.
fn append(batch: &mut Batch<'_>, new: NewMessage, tokens: String) -> Result<(Message, bool)> {
    let conn = batch.conn;
    if let Some(original) = sent(conn, new.sender, &new.client_id)? {
        return Ok((original, false));
    }
    let (seq, rev): (u64, u64) = conn
        .prepare_cached("SELECT last_seq + 1, rev + 1 FROM conversations WHERE id = ?")?
        .query_row((new.conversation,), |row| Ok((number(row, 0)?, number(row, 1)?)))
        .optional()?
        .ok_or(NOT_FOUND)?;
    let member = conn
        .prepare_cached(
            "UPDATE members SET read_seq = ? WHERE conversation = ? AND user = ? AND NOT silenced",
        )?
        .execute((int(seq), new.conversation, new.sender))?;
    if member == 0 {
        let is_member = members::role(conn, new.conversation, new.sender)?.is_some();
        return Err(if is_member { DomainError::Blocked } else { DomainError::NotMember });
    }
    if let Some(reply_to) = new.reply_to {
        let original = rows::find(conn, reply_to)?;
        if original.is_none_or(|(_, message)| message.conversation != new.conversation) {
            return Err(DomainError::invalid("replyTo", "is not a message of this conversation"));
        }
    }
    let pk = keys::next(conn, new.id)?;
    conn.prepare_cached(
        "INSERT INTO messages (pk, id, conversation, seq, rev, sender, client_id, body, reply_to, created_at,
             attachments)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        pk,
        new.id,
        new.conversation,
        int(seq),
        int(rev),
        new.sender,
        new.client_id,
        new.body,
        new.reply_to,
        new.created_at,
        files::to_json(&new.attachments)
    ])?;
    conn.prepare_cached("UPDATE conversations SET last_seq = ?, rev = ?, active_at = ? WHERE id = ?")?
        .execute((int(seq), int(rev), new.created_at, new.conversation))?;
    batch.index(pk, tokens);
    let message = Message {
        id: new.id,
        conversation: new.conversation,
        seq,
        rev,
        sender: new.sender,
        client_id: new.client_id,
        body: Some(new.body),
        attachments: new.attachments,
        reply_to: new.reply_to,
        reactions: Vec::new(),
        created_at: new.created_at,
        edited_at: None,
        deleted_at: None,
    };
    batch.publish(Change::MessageCreated(Arc::new(message.clone())));
    Ok((message, true))
}

fn find(conn: &Connection, id: MessageId) -> Result<(i64, Message)> {
    rows::find(conn, id)?.ok_or(DomainError::NotFound("message"))
}

/// Stores what `message` says with the next `rev`, and tells it.
fn save(batch: &mut Batch<'_>, pk: i64, mut message: Message) -> Result<Message> {
    message.rev = conversations::next_rev(batch.conn, message.conversation)?;
    batch
        .conn
        .prepare_cached(
            "UPDATE messages SET rev = ?, body = ?, reacted = ?, edited_at = ?, deleted_at = ?, attachments = ?
             WHERE pk = ?",
        )?
        .execute(params![
            int(message.rev),
            message.body,
            !message.reactions.is_empty(),
            message.edited_at,
            message.deleted_at,
            files::to_json(&message.attachments),
            pk
        ])?;
    batch.publish(Change::MessageUpdated(Arc::new(message.clone())));
    Ok(message)
}

fn edit(batch: &mut Batch<'_>, id: MessageId, body: Body, at: Timestamp) -> Result<Message> {
    let (pk, mut message) = find(batch.conn, id)?;
    if message.is_deleted() {
        return Err(DomainError::MessageDeleted);
    }
    if message.body.as_ref() == Some(&body) {
        return Ok(message);
    }
    batch.index(pk, search::index_text(message.conversation, &body));
    message.body = Some(body);
    message.edited_at = Some(at);
    save(batch, pk, message)
}

fn delete(batch: &mut Batch<'_>, id: MessageId, at: Timestamp) -> Result<Message> {
    let (pk, mut message) = find(batch.conn, id)?;
    if message.is_deleted() {
        return Ok(message);
    }
    reactions::clear(batch.conn, pk)?;
    batch.unindex(pk);
    message.body = None;
    message.attachments.clear();
    message.reactions.clear();
    message.deleted_at = Some(at);
    save(batch, pk, message)
}

fn react(batch: &mut Batch<'_>, id: MessageId, user: UserId, emoji: &Emoji, on: bool) -> Result<Message> {
    let (pk, mut message) = find(batch.conn, id)?;
    if message.is_deleted() {
        return Err(DomainError::MessageDeleted);
    }
    if reactions::exists(batch.conn, pk, emoji, user)? == on {
        return Ok(message);
    }
    if on {
        let known = message.reactions.iter().any(|reaction| reaction.emoji == *emoji);
        if !known && message.reactions.len() >= Message::MAX_REACTIONS {
            return Err(DomainError::invalid(
                "emoji",
                "is one too many: this message carries 50 different ones",
            ));
        }
        // The rev that `save` is about to take; this thread alone takes revs.
        let rev = conversations::rev(batch.conn, message.conversation)? + 1;
        reactions::add(batch.conn, pk, emoji, user, rev)?;
    } else {
        reactions::remove(batch.conn, pk, emoji, user)?;
    }
    message.reactions = reactions::of(batch.conn, pk)?;
    save(batch, pk, message)
}

fn list(conn: &Connection, conversation: ConversationId, window: Window, limit: u32) -> Result<MessagePage> {
    let (after, before, backwards) = match window {
        Window::Newest => (0, i64::MAX, true),
        Window::Before(before) => (0, int(before), true),
        Window::After(after) => (int(after), i64::MAX, false),
        Window::Between { after, before } => (int(after), int(before), false),
    };
    let order = if backwards { "DESC" } else { "ASC" };
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let mut messages = rows::select(
        conn,
        &format!(
            "messages m WHERE m.conversation = ? AND m.seq > ? AND m.seq < ? ORDER BY m.seq {order} LIMIT ?"
        ),
        (conversation, after, before, int(limit as u64).saturating_add(1)),
    )?;
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    if backwards {
        messages.reverse();
    }
    Ok(MessagePage { messages, has_more })
}

#[async_trait]
impl MessageRepository for SqliteMessages {
    async fn append(&self, new: &NewMessage) -> Result<(Message, bool)> {
        let new = new.clone();
        // Here, not in the one thread that writes.
        let tokens = search::index_text(new.conversation, &new.body);
        self.0.write(move |batch| append(batch, new, tokens)).await
    }

    async fn find(&self, id: MessageId) -> Result<Option<Message>> {
        self.0.read(move |conn| Ok(rows::find(conn, id)?.map(|(_, message)| message))).await
    }

    async fn find_many(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let ids = ids.to_vec();
        self.0
            .read(move |conn| {
                let found = ids.into_iter().filter_map(|id| rows::find(conn, id).transpose());
                Ok(found.map(|found| found.map(|(_, message)| message)).collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn find_sent(&self, sender: UserId, client_id: &ClientId) -> Result<Option<Message>> {
        let client_id = client_id.clone();
        self.0.read(move |conn| sent(conn, sender, &client_id)).await
    }

    async fn edit(&self, id: MessageId, body: &Body, at: Timestamp) -> Result<Message> {
        let body = body.clone();
        self.0.write(move |batch| edit(batch, id, body, at)).await
    }

    async fn delete(&self, id: MessageId, at: Timestamp) -> Result<Message> {
        self.0.write(move |batch| delete(batch, id, at)).await
    }

    async fn react(&self, id: MessageId, user: UserId, emoji: &Emoji, on: bool) -> Result<Message> {
        let emoji = emoji.clone();
        self.0.write(move |batch| react(batch, id, user, &emoji, on)).await
    }

    async fn list(&self, conversation: ConversationId, window: Window, limit: u32) -> Result<MessagePage> {
        self.0.read(move |conn| list(conn, conversation, window, limit)).await
    }

    async fn sync(
        &self,
        user: UserId,
        cursors: &HashMap<ConversationId, u64>,
        limits: SyncLimits,
    ) -> Result<SyncPage> {
        let cursors = cursors.clone();
        self.0.read(move |conn| sync::sync(conn, user, &cursors, limits)).await
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
        let (query, filter) = (query.clone(), *filter);
        self.0.read(move |conn| search::search(conn, user, &query, filter, before, limit)).await
    }
}
