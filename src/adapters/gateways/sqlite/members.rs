//! Who is in a conversation. Members stand in the order in which they joined, those of one moment in that of their ids.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    conversations::{self, NOT_FOUND},
    users,
    values::{int, number},
    writer::Batch,
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::{Conversation, ConversationKind, Member, Role},
        ids::{ConversationId, UserId},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::MemberPage,
};

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member { user: row.get(0)?, role: row.get(1)? })
}

/// The first members.
pub(super) fn first(conn: &Connection, id: ConversationId, limit: u32) -> rusqlite::Result<Vec<Member>> {
    conn.prepare_cached(
        "SELECT user, role FROM members WHERE conversation = ? ORDER BY joined_at, user LIMIT ?",
    )?
    .query_map((id, limit), member)?
    .collect()
}

pub(super) fn role(conn: &Connection, id: ConversationId, user: UserId) -> rusqlite::Result<Option<Role>> {
    conn.prepare_cached("SELECT role FROM members WHERE conversation = ? AND user = ?")?
        .query_row((id, user), |row| row.get(0))
        .optional()
}

pub(super) fn conversations_of(conn: &Connection, user: UserId) -> rusqlite::Result<Vec<ConversationId>> {
    conn.prepare_cached("SELECT conversation FROM members WHERE user = ?")?
        .query_map((user,), |row| row.get(0))?
        .collect()
}

/// A page of members. Who left meanwhile cannot be continued after: then it begins again.
pub(super) fn page(
    conn: &Connection,
    id: ConversationId,
    after: Option<UserId>,
    limit: u32,
) -> Result<MemberPage> {
    if !conn.prepare_cached("SELECT 1 FROM conversations WHERE id = ?")?.exists((id,))? {
        return Err(NOT_FOUND);
    }
    let wanted = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let more = int(wanted as u64).saturating_add(1);
    let mut select = conn.prepare_cached(
        "SELECT m.user, m.role FROM members m
         LEFT JOIN members a ON a.conversation = m.conversation AND a.user = ?2
         WHERE m.conversation = ?1 AND (a.user IS NULL OR (m.joined_at, m.user) > (a.joined_at, a.user))
         ORDER BY m.joined_at, m.user LIMIT ?3",
    )?;
    let mut members: Vec<Member> =
        select.query_map(params![id, after, more], member)?.collect::<rusqlite::Result<_>>()?;
    let more = members.len() > wanted;
    members.truncate(wanted);
    let next = members.last().filter(|_| more).map(|member| member.user);
    Ok(MemberPage { members, next })
}

/// How far each member has read.
pub(super) fn reads(conn: &Connection, id: ConversationId) -> Result<Vec<(UserId, u64)>> {
    if !conn.prepare_cached("SELECT 1 FROM conversations WHERE id = ?")?.exists((id,))? {
        return Err(NOT_FOUND);
    }
    let mut select =
        conn.prepare_cached("SELECT user, read_seq FROM members WHERE conversation = ? ORDER BY user")?;
    let reads = select.query_map((id,), |row| Ok((row.get(0)?, number(row, 1)?)))?;
    Ok(reads.collect::<rusqlite::Result<_>>()?)
}

/// # Errors
/// `Invalid` naming `memberIds` when one of them does not exist.
pub(super) fn ensure_exist(conn: &Connection, users: &[UserId]) -> Result<()> {
    for user in users {
        if !users::exists(conn, *user)? {
            return Err(DomainError::invalid("memberIds", "names somebody who does not exist"));
        }
    }
    Ok(())
}

/// Stores new members, who have read everything; answers those who were not members yet. Counts them.
pub(super) fn insert_all(
    conn: &Connection,
    id: ConversationId,
    owner: Option<UserId>,
    users: &[UserId],
    at: Timestamp,
) -> rusqlite::Result<Vec<UserId>> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO members (conversation, user, role, joined_at, read_seq)
         SELECT id, ?2, ?3, ?4, last_seq FROM conversations WHERE id = ?1
         ON CONFLICT DO NOTHING",
    )?;
    let mut joined = Vec::new();
    for &user in users {
        let role = if owner == Some(user) { Role::Owner } else { Role::Member };
        if insert.execute(params![id, user, role, at])? > 0 {
            joined.push(user);
        }
    }
    conn.prepare_cached("UPDATE conversations SET member_count = member_count + ? WHERE id = ?")?
        .execute((int(joined.len() as u64), id))?;
    Ok(joined)
}

/// Adds plain members and tells it.
pub(super) fn join(
    batch: &mut Batch<'_>,
    id: ConversationId,
    users: &[UserId],
    at: Timestamp,
) -> Result<Conversation> {
    let joined = insert_all(batch.conn, id, None, users, at)?;
    let mut conversation = conversations::load(batch.conn, id)?;
    if joined.is_empty() {
        return Ok(conversation);
    }
    let told = conversation.is_small();
    if told {
        conversation.rev = conversations::next_rev(batch.conn, id)?;
    }
    batch.publish(Change::MembersJoined {
        conversation: Arc::new(conversation.clone()),
        users: joined,
        told,
    });
    Ok(conversation)
}

/// Takes a member out, finds a new owner and tells it.
pub(super) fn leave(batch: &mut Batch<'_>, id: ConversationId, user: UserId) -> Result<()> {
    let conn = batch.conn;
    let (kind, count): (ConversationKind, u32) = conn
        .prepare_cached("SELECT kind, member_count FROM conversations WHERE id = ?")?
        .query_row((id,), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(NOT_FOUND)?;
    if kind == ConversationKind::Direct {
        return Err(DomainError::DirectFixed);
    }
    let Some(role) = role(conn, id, user)? else { return Ok(()) };
    if kind == ConversationKind::Group && count <= 1 {
        return conversations::delete(batch, id);
    }
    conn.prepare_cached("DELETE FROM members WHERE conversation = ? AND user = ?")?.execute((id, user))?;
    conn.prepare_cached("UPDATE conversations SET member_count = member_count - 1 WHERE id = ?")?
        .execute((id,))?;
    let succeeded = role == Role::Owner && appoint_owner(conn, id)?;
    let mut conversation = conversations::load(conn, id)?;
    let told = conversation.is_small();
    // In a large conversation leaving takes no rev, but the new owner's role does.
    if told || succeeded {
        conversation.rev = conversations::next_rev(conn, id)?;
    }
    let conversation = Arc::new(conversation);
    batch.publish(Change::MemberLeft { conversation: conversation.clone(), user, told });
    if succeeded && !told {
        batch.publish(Change::ConversationUpdated(conversation));
    }
    Ok(())
}

/// Gives a member another role and tells it.
pub(super) fn set_role(
    batch: &mut Batch<'_>,
    id: ConversationId,
    user: UserId,
    wanted: Role,
) -> Result<Conversation> {
    let conn = batch.conn;
    let before = conversations::load(conn, id)?;
    before.ensure_not_direct()?;
    let held = role(conn, id, user)?.ok_or(DomainError::NotFound("member"))?;
    if !held.becomes(wanted)? {
        return Ok(before);
    }
    if wanted == Role::Owner {
        conn.prepare_cached("UPDATE members SET role = 'admin' WHERE conversation = ? AND role = 'owner'")?
            .execute((id,))?;
    }
    conn.prepare_cached("UPDATE members SET role = ? WHERE conversation = ? AND user = ?")?
        .execute((wanted, id, user))?;
    conversations::next_rev(conn, id)?;
    let conversation = conversations::load(conn, id)?;
    batch.publish(Change::ConversationUpdated(Arc::new(conversation.clone())));
    Ok(conversation)
}

/// The longest-standing admin, else the longest-standing member, becomes owner; whether there was anybody.
fn appoint_owner(conn: &Connection, id: ConversationId) -> rusqlite::Result<bool> {
    let appointed = conn
        .prepare_cached(
            "UPDATE members SET role = 'owner' WHERE conversation = ?1 AND user =
                 (SELECT user FROM members WHERE conversation = ?1
                  ORDER BY role <> 'admin', joined_at, user LIMIT 1)",
        )?
        .execute((id,))?;
    Ok(appointed > 0)
}
