use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};

use super::{
    Database,
    conversations::{load_view, pair_key},
    users,
    values::number,
    writer::Batch,
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::ConversationView,
        ids::{ConversationId, UserId},
        marks::{MarkPatch, Marks},
    },
    error::{DomainError, Result},
    interfaces::mark_repository::MarkRepository,
};

/// Marks: those of conversations are in the rows of their members.
#[derive(Clone)]
pub struct SqliteMarks(pub(super) Arc<Database>);

fn of(conn: &Connection, user: UserId) -> rusqlite::Result<Marks> {
    let mut marks = Marks::default();
    let mut select = conn.prepare_cached(
        "SELECT conversation, pinned, unread, muted FROM members
         WHERE user = ? AND (pinned OR unread OR muted) ORDER BY conversation",
    )?;
    let mut rows = select.query((user,))?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let lists = [&mut marks.pinned, &mut marks.unread, &mut marks.muted];
        for (list, column) in lists.into_iter().zip(1..) {
            if row.get(column)? {
                list.push(id);
            }
        }
    }
    marks.blocked = conn
        .prepare_cached("SELECT blocked FROM blocks WHERE blocker = ? ORDER BY blocked")?
        .query_map((user,), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(marks)
}

fn set(
    batch: &mut Batch<'_>,
    id: ConversationId,
    user: UserId,
    patch: MarkPatch,
) -> Result<ConversationView> {
    let conn = batch.conn;
    let mut view = load_view(conn, id, user)?;
    let before: (bool, bool, bool) = conn
        .prepare_cached("SELECT muted, pinned, unread FROM members WHERE conversation = ? AND user = ?")?
        .query_row((id, user), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let (muted, pinned, unread) = before;
    let after =
        (patch.muted.unwrap_or(muted), patch.pinned.unwrap_or(pinned), patch.unread.unwrap_or(unread));
    if after == before {
        return Ok(view);
    }
    if after.1 && !pinned {
        let others = conn
            .prepare_cached("SELECT count(*) FROM members WHERE user = ? AND pinned")?
            .query_row((user,), |row| number(row, 0))?;
        if others >= Marks::MAX_PINNED as u64 {
            return Err(Marks::too_many_pinned());
        }
    }
    conn.prepare_cached(
        "UPDATE members SET muted = ?, pinned = ?, unread = ? WHERE conversation = ? AND user = ?",
    )?
    .execute(params![after.0, after.1, after.2, id, user])?;
    view.muted = after.0;
    batch.publish(Change::Marked(user));
    Ok(view)
}

/// Reading takes the mark away that it was not read.
pub(super) fn read(batch: &mut Batch<'_>, id: ConversationId, user: UserId) -> Result<()> {
    let marked = batch
        .conn
        .prepare_cached("UPDATE members SET unread = 0 WHERE conversation = ? AND user = ? AND unread")?
        .execute((id, user))?;
    if marked > 0 {
        batch.publish(Change::Marked(user));
    }
    Ok(())
}

/// Whether one of two people has blocked the other.
fn are_apart(conn: &Connection, one: UserId, other: UserId) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM blocks WHERE (blocker, blocked) IN (VALUES (?1, ?2), (?2, ?1))")?
        .exists((one, other))
}

/// # Errors
/// `Blocked` when one of two people has blocked the other.
pub(super) fn ensure_together(conn: &Connection, one: UserId, other: UserId) -> Result<()> {
    if are_apart(conn, one, other)? { Err(DomainError::Blocked) } else { Ok(()) }
}

/// Writes down, with the members of their direct conversation, whether two people are apart.
pub(super) fn silence(conn: &Connection, one: UserId, other: UserId) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE members SET silenced = ?
         WHERE conversation = (SELECT id FROM conversations WHERE direct_key = ?)",
    )?
    .execute((are_apart(conn, one, other)?, pair_key(one, other)))?;
    Ok(())
}

fn block(batch: &mut Batch<'_>, user: UserId, other: UserId) -> Result<()> {
    let conn = batch.conn;
    if !users::exists(conn, other)? {
        return Err(DomainError::NotFound("user"));
    }
    let inserted = conn
        .prepare_cached("INSERT INTO blocks (blocker, blocked) VALUES (?, ?) ON CONFLICT DO NOTHING")?
        .execute((user, other))?;
    if inserted == 0 {
        return Ok(());
    }
    let all = conn
        .prepare_cached("SELECT count(*) FROM blocks WHERE blocker = ?")?
        .query_row((user,), |row| number(row, 0))?;
    if all > Marks::MAX_BLOCKED as u64 {
        return Err(Marks::too_many_blocked());
    }
    silence(conn, user, other)?;
    batch.publish(Change::Marked(user));
    Ok(())
}

fn unblock(batch: &mut Batch<'_>, user: UserId, other: UserId) -> Result<()> {
    let deleted = batch
        .conn
        .prepare_cached("DELETE FROM blocks WHERE blocker = ? AND blocked = ?")?
        .execute((user, other))?;
    if deleted > 0 {
        silence(batch.conn, user, other)?;
        batch.publish(Change::Marked(user));
    }
    Ok(())
}

fn forget(batch: &mut Batch<'_>, user: UserId) -> Result<()> {
    let conn = batch.conn;
    conn.prepare_cached("UPDATE members SET muted = 0, pinned = 0, unread = 0 WHERE user = ?")?
        .execute((user,))?;
    conn.prepare_cached(
        "UPDATE members SET silenced = 0
         WHERE silenced AND conversation IN (SELECT conversation FROM members WHERE user = ?)",
    )?
    .execute((user,))?;
    let blockers: Vec<UserId> = conn
        .prepare_cached("SELECT blocker FROM blocks WHERE blocked = ? ORDER BY blocker")?
        .query_map((user,), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    conn.prepare_cached("DELETE FROM blocks WHERE blocker = ?1 OR blocked = ?1")?.execute((user,))?;
    blockers.into_iter().for_each(|blocker| batch.publish(Change::Marked(blocker)));
    Ok(())
}

#[async_trait]
impl MarkRepository for SqliteMarks {
    async fn of(&self, user: UserId) -> Result<Marks> {
        self.0.read(move |conn| Ok(of(conn, user)?)).await
    }

    async fn set(&self, id: ConversationId, user: UserId, patch: MarkPatch) -> Result<ConversationView> {
        self.0.write(move |batch| set(batch, id, user, patch)).await
    }

    async fn block(&self, user: UserId, other: UserId) -> Result<()> {
        self.0.write(move |batch| block(batch, user, other)).await
    }

    async fn unblock(&self, user: UserId, other: UserId) -> Result<()> {
        self.0.write(move |batch| unblock(batch, user, other)).await
    }

    async fn forget(&self, user: UserId) -> Result<()> {
        self.0.write(move |batch| forget(batch, user)).await
    }

    async fn is_blocked_by_any(&self, user: UserId, people: &[UserId]) -> Result<bool> {
        let people = people.to_vec();
        self.0
            .read(move |conn| {
                let mut select =
                    conn.prepare_cached("SELECT 1 FROM blocks WHERE blocker = ? AND blocked = ?")?;
                for person in people {
                    if select.exists((person, user))? {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .await
    }
}
