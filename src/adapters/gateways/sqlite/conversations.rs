use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    Database, marks, members, rows,
    values::{int, number},
    writer::Batch,
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::{Conversation, ConversationKind, ConversationView, Role, SMALL_CONVERSATION, Title},
        ids::{ConversationId, UserId},
        search_text::fold,
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::{
        ChannelPage, ConversationRepository, MemberPage, Membership, NewConversation,
    },
};

/// Conversations and their members.
#[derive(Clone)]
pub struct SqliteConversations(pub(super) Arc<Database>);

pub(super) const NOT_FOUND: DomainError = DomainError::NotFound("conversation");

const COLUMNS: &str = "c.id, c.kind, c.title, c.member_count, c.last_seq, c.rev, c.created_at";

/// A row of [`COLUMNS`], without members and the last message.
fn bare(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        id: row.get(0)?,
        kind: row.get(1)?,
        title: row.get(2)?,
        members: Vec::new(),
        member_count: row.get(3)?,
        last_message: None,
        last_seq: number(row, 4)?,
        rev: number(row, 5)?,
        created_at: row.get(6)?,
    })
}

/// A row of [`COLUMNS`], `read_seq` and `muted`.
fn bare_view(row: &Row<'_>) -> rusqlite::Result<ConversationView> {
    Ok(ConversationView { conversation: bare(row)?, read_seq: number(row, 7)?, muted: row.get(8)? })
}

/// The members and the last message. One look-up each for a conversation: nothing here crosses a network, and each
/// reads what it needs and no more from one index.
fn complete(conn: &Connection, conversation: &mut Conversation) -> rusqlite::Result<()> {
    conversation.members = members::first(conn, conversation.id, SMALL_CONVERSATION)?;
    conversation.last_message = rows::by_seq(conn, conversation.id, conversation.last_seq)?;
    Ok(())
}

pub(super) fn load(conn: &Connection, id: ConversationId) -> Result<Conversation> {
    let sql = format!("SELECT {COLUMNS} FROM conversations c WHERE c.id = ?");
    let mut conversation = conn.prepare_cached(&sql)?.query_row((id,), bare).optional()?.ok_or(NOT_FOUND)?;
    complete(conn, &mut conversation)?;
    Ok(conversation)
}

pub(super) fn load_view(conn: &Connection, id: ConversationId, user: UserId) -> Result<ConversationView> {
    let sql = format!(
        "SELECT {COLUMNS}, m.read_seq, m.muted
         FROM conversations c JOIN members m ON m.conversation = c.id AND m.user = ? WHERE c.id = ?"
    );
    let view = conn.prepare_cached(&sql)?.query_row((user, id), bare_view).optional()?;
    let Some(mut view) = view else { return Err(not_member(conn, id)?) };
    complete(conn, &mut view.conversation)?;
    Ok(view)
}

/// Why somebody has no view of a conversation.
pub(super) fn not_member(conn: &Connection, id: ConversationId) -> rusqlite::Result<DomainError> {
    let exists = conn.prepare_cached("SELECT 1 FROM conversations WHERE id = ?")?.exists((id,))?;
    Ok(if exists { DomainError::NotMember } else { NOT_FOUND })
}

/// A person's conversations without members and last messages, the newest activity first.
pub(super) fn bare_views(conn: &Connection, user: UserId) -> rusqlite::Result<Vec<ConversationView>> {
    let sql = format!(
        "SELECT {COLUMNS}, m.read_seq, m.muted
         FROM members m JOIN conversations c ON c.id = m.conversation
         WHERE m.user = ? ORDER BY c.active_at DESC, c.id DESC"
    );
    conn.prepare_cached(&sql)?.query_map((user,), bare_view)?.collect()
}

pub(super) fn complete_view(
    conn: &Connection,
    mut view: ConversationView,
) -> rusqlite::Result<ConversationView> {
    complete(conn, &mut view.conversation)?;
    Ok(view)
}

pub(super) fn general(conn: &Connection) -> rusqlite::Result<Option<ConversationId>> {
    conn.prepare_cached("SELECT id FROM conversations WHERE is_general")?
        .query_row((), |row| row.get(0))
        .optional()
}

/// Stores a conversation without members.
pub(super) fn insert(
    conn: &Connection,
    id: ConversationId,
    kind: ConversationKind,
    title: Option<&Title>,
    direct_key: Option<Vec<u8>>,
    is_general: bool,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let (key, folded) = title_keys(kind, title);
    conn.prepare_cached(
        "INSERT INTO conversations (id, kind, title, title_key, title_folded, direct_key, is_general, member_count,
             active_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?8)",
    )?
    .execute(params![id, kind, title, key, folded, direct_key, is_general, at])?;
    Ok(())
}

/// What a direct conversation is found by.
pub(super) fn pair_key(one: UserId, other: UserId) -> Vec<u8> {
    [*one.min(other).as_bytes(), *one.max(other).as_bytes()].concat()
}

/// What channels are told apart and searched by; other conversations are not.
fn title_keys(kind: ConversationKind, title: Option<&Title>) -> (Option<String>, Option<String>) {
    let title = title.filter(|_| kind == ConversationKind::Channel);
    (title.map(Title::folded), title.map(|title| fold(title.as_str())))
}

/// Refuses a channel's title that another channel has.
fn ensure_title_free(
    conn: &Connection,
    id: ConversationId,
    kind: ConversationKind,
    title: Option<&Title>,
) -> Result<()> {
    if kind != ConversationKind::Channel {
        return Ok(());
    }
    let title = title.ok_or_else(|| DomainError::invalid("title", "must be given for a channel"))?;
    let taken = conn
        .prepare_cached("SELECT 1 FROM conversations WHERE title_key = ? AND id <> ?")?
        .exists((title.folded(), id))?;
    if taken { Err(DomainError::TitleTaken) } else { Ok(()) }
}

/// Takes the conversation's next `rev`.
pub(super) fn next_rev(conn: &Connection, id: ConversationId) -> rusqlite::Result<u64> {
    conn.prepare_cached("UPDATE conversations SET rev = rev + 1 WHERE id = ? RETURNING rev")?
        .query_row((id,), |row| number(row, 0))
}

/// The conversation's `rev` as it is.
pub(super) fn rev(conn: &Connection, id: ConversationId) -> rusqlite::Result<u64> {
    conn.prepare_cached("SELECT rev FROM conversations WHERE id = ?")?.query_row((id,), |row| number(row, 0))
}

/// Deletes a conversation with all that belongs to it.
pub(super) fn delete(batch: &mut Batch<'_>, id: ConversationId) -> Result<()> {
    let keys: Vec<i64> = batch
        .conn
        .prepare_cached("SELECT pk FROM messages WHERE conversation = ?")?
        .query_map((id,), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let deleted = batch.conn.prepare_cached("DELETE FROM conversations WHERE id = ?")?.execute((id,))?;
    if deleted > 0 {
        keys.into_iter().for_each(|pk| batch.unindex(pk));
        batch.publish(Change::ConversationDeleted(id));
    }
    Ok(())
}

fn create(batch: &mut Batch<'_>, new: &NewConversation) -> Result<(ConversationView, bool)> {
    let mut all = vec![new.creator];
    all.extend(&new.others);
    members::ensure_exist(batch.conn, &all)?;
    let mut direct_key = None;
    if let (ConversationKind::Direct, [other]) = (new.kind, new.others.as_slice()) {
        let key = pair_key(new.creator, *other);
        let existing = batch
            .conn
            .prepare_cached("SELECT id FROM conversations WHERE direct_key = ?")?
            .query_row((&key,), |row| row.get(0))
            .optional()?;
        if let Some(existing) = existing {
            return Ok((load_view(batch.conn, existing, new.creator)?, false));
        }
        marks::ensure_together(batch.conn, new.creator, *other)?;
        direct_key = Some(key);
    }
    ensure_title_free(batch.conn, new.id, new.kind, new.title.as_ref())?;
    insert(batch.conn, new.id, new.kind, new.title.as_ref(), direct_key, false, new.created_at)?;
    let owner = (new.kind != ConversationKind::Direct).then_some(new.creator);
    let members = members::insert_all(batch.conn, new.id, owner, &all, new.created_at)?;
    let view = load_view(batch.conn, new.id, new.creator)?;
    batch.publish(Change::ConversationCreated { conversation: Arc::new(view.conversation.clone()), members });
    Ok((view, true))
}

fn rename(batch: &mut Batch<'_>, id: ConversationId, title: Option<&Title>) -> Result<Conversation> {
    let conversation = load(batch.conn, id)?;
    conversation.ensure_not_direct()?;
    if conversation.title.as_ref() == title {
        return Ok(conversation);
    }
    ensure_title_free(batch.conn, id, conversation.kind, title)?;
    let (key, folded) = title_keys(conversation.kind, title);
    batch
        .conn
        .prepare_cached(
            "UPDATE conversations SET title = ?, title_key = ?, title_folded = ?, rev = rev + 1 WHERE id = ?",
        )?
        .execute((title, key, folded, id))?;
    let conversation = load(batch.conn, id)?;
    batch.publish(Change::ConversationUpdated(Arc::new(conversation.clone())));
    Ok(conversation)
}

fn mark_read(batch: &mut Batch<'_>, id: ConversationId, user: UserId, seq: u64) -> Result<ConversationView> {
    let mut view = load_view(batch.conn, id, user)?;
    let seq = seq.min(view.conversation.last_seq);
    if seq > view.read_seq {
        batch
            .conn
            .prepare_cached("UPDATE members SET read_seq = ? WHERE conversation = ? AND user = ?")?
            .execute((int(seq), id, user))?;
        view.read_seq = seq;
        batch.publish(Change::Read { conversation: id, user, seq, told: view.conversation.is_small() });
    }
    marks::read(batch, id, user)?;
    Ok(view)
}

fn channels(
    conn: &Connection,
    reader: UserId,
    query: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<ChannelPage> {
    // `title_key` is NULL where the conversation is not a channel, and NULL is greater than nothing.
    let sql = format!(
        "SELECT {COLUMNS}, coalesce(m.read_seq, c.last_seq), coalesce(m.muted, 0), m.user IS NOT NULL, c.title_key
         FROM conversations c LEFT JOIN members m ON m.conversation = c.id AND m.user = ?1
         WHERE c.title_key > ?2 AND instr(c.title_folded, ?3) > 0 ORDER BY c.title_key LIMIT ?4"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let limit = i64::from(limit.max(1));
    // Titles are never empty, so that all sort after the empty text.
    let rows = select
        .query_map(params![reader, after.unwrap_or_default(), fold(query), limit + 1], |row| {
            Ok((bare_view(row)?, row.get::<_, bool>(9)?, row.get::<_, String>(10)?))
        })?;
    let (mut channels, mut next, mut last) = (Vec::new(), None, None);
    for row in rows {
        let (mut view, inside, key) = row?;
        if int(channels.len() as u64) == limit {
            next = last;
            break;
        }
        complete(conn, &mut view.conversation)?;
        if !inside {
            view.conversation.last_message = None;
        }
        channels.push(view);
        last = Some(key);
    }
    Ok(ChannelPage { channels, next })
}

#[async_trait]
impl ConversationRepository for SqliteConversations {
    async fn create(&self, new: &NewConversation) -> Result<(ConversationView, bool)> {
        let new = new.clone();
        self.0.write(move |batch| create(batch, &new)).await
    }

    async fn kind_of(&self, id: ConversationId) -> Result<Option<ConversationKind>> {
        self.0
            .read(move |conn| {
                let mut query = conn.prepare_cached("SELECT kind FROM conversations WHERE id = ?")?;
                Ok(query.query_row([id], |row| row.get(0)).optional()?)
            })
            .await
    }

    async fn membership(&self, id: ConversationId, user: UserId) -> Result<Membership> {
        self.0
            .read(move |conn| {
                let membership = conn
                    .prepare_cached(
                        "SELECT c.kind, m.role, c.member_count, c.is_general, m.silenced
                         FROM conversations c JOIN members m ON m.conversation = c.id AND m.user = ?
                         WHERE c.id = ?",
                    )?
                    .query_row((user, id), |row| {
                        Ok(Membership {
                            kind: row.get(0)?,
                            role: row.get(1)?,
                            member_count: row.get(2)?,
                            is_general: row.get(3)?,
                            silenced: row.get(4)?,
                        })
                    })
                    .optional()?;
                match membership {
                    Some(membership) => Ok(membership),
                    None => Err(not_member(conn, id)?),
                }
            })
            .await
    }

    async fn view(&self, id: ConversationId, user: UserId) -> Result<ConversationView> {
        self.0.read(move |conn| load_view(conn, id, user)).await
    }

    async fn list(&self, user: UserId) -> Result<Vec<ConversationView>> {
        self.0
            .read(move |conn| {
                let views = bare_views(conn, user)?.into_iter();
                Ok(views.map(|view| complete_view(conn, view)).collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn ids_of(&self, user: UserId) -> Result<Vec<ConversationId>> {
        self.0.read(move |conn| Ok(members::conversations_of(conn, user)?)).await
    }

    async fn general(&self) -> Result<Option<ConversationId>> {
        self.0.read(|conn| Ok(general(conn)?)).await
    }

    async fn channels(
        &self,
        reader: UserId,
        query: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ChannelPage> {
        let (query, after) = (query.to_owned(), after.map(str::to_owned));
        self.0.read(move |conn| channels(conn, reader, &query, after.as_deref(), limit)).await
    }

    async fn members(&self, id: ConversationId, after: Option<UserId>, limit: u32) -> Result<MemberPage> {
        self.0.read(move |conn| members::page(conn, id, after, limit)).await
    }

    async fn reads(&self, id: ConversationId) -> Result<Vec<(UserId, u64)>> {
        self.0.read(move |conn| members::reads(conn, id)).await
    }

    async fn role_of(&self, id: ConversationId, user: UserId) -> Result<Option<Role>> {
        self.0.read(move |conn| Ok(members::role(conn, id, user)?)).await
    }

    async fn rename(&self, id: ConversationId, title: Option<&Title>) -> Result<Conversation> {
        let title = title.cloned();
        self.0.write(move |batch| rename(batch, id, title.as_ref())).await
    }

    async fn add_members(&self, id: ConversationId, users: &[UserId], at: Timestamp) -> Result<Conversation> {
        let users = users.to_vec();
        self.0
            .write(move |batch| {
                load(batch.conn, id)?.ensure_not_direct()?;
                members::ensure_exist(batch.conn, &users)?;
                members::join(batch, id, &users, at)
            })
            .await
    }

    async fn remove_member(&self, id: ConversationId, user: UserId) -> Result<()> {
        self.0.write(move |batch| members::leave(batch, id, user)).await
    }

    async fn set_role(&self, id: ConversationId, user: UserId, role: Role) -> Result<Conversation> {
        self.0.write(move |batch| members::set_role(batch, id, user, role)).await
    }

    async fn delete(&self, id: ConversationId) -> Result<()> {
        self.0.write(move |batch| delete(batch, id)).await
    }

    async fn mark_read(&self, id: ConversationId, user: UserId, seq: u64) -> Result<ConversationView> {
        self.0.write(move |batch| mark_read(batch, id, user, seq)).await
    }
}
