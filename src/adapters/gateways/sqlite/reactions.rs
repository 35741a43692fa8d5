//! Reactions: one row a person and emoji, because a message in a large channel may have very many.

use rusqlite::{Connection, OptionalExtension};

use super::values::int;
use crate::domain::entities::{
    ids::UserId,
    message::{Emoji, Message, Reaction},
};

/// A message's reactions, as the entity shows them.
pub(super) fn of(conn: &Connection, message: i64) -> rusqlite::Result<Vec<Reaction>> {
    naming(conn, message, Message::MAX_REACTION_USERS)
}

/// A message's reactions with the first `limit` people of each.
pub(super) fn naming(conn: &Connection, message: i64, limit: usize) -> rusqlite::Result<Vec<Reaction>> {
    let mut select = conn.prepare_cached(
        "SELECT emoji, user FROM reactions WHERE message = ? ORDER BY first_rev, emoji, rev, user",
    )?;
    let mut reactions: Vec<Reaction> = Vec::new();
    let mut rows = select.query([message])?;
    while let Some(row) = rows.next()? {
        let (emoji, user): (Emoji, UserId) = (row.get(0)?, row.get(1)?);
        match reactions.last_mut().filter(|last| last.emoji == emoji) {
            Some(last) => {
                last.count += 1;
                if last.users.len() < limit {
                    last.users.push(user);
                }
            }
            None => reactions.push(Reaction { emoji, count: 1, users: vec![user] }),
        }
    }
    Ok(reactions)
}

pub(super) fn exists(conn: &Connection, message: i64, emoji: &Emoji, user: UserId) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM reactions WHERE message = ? AND emoji = ? AND user = ?")?
        .exists((message, emoji, user))
}

/// An emoji keeps its place as long as anybody uses it.
pub(super) fn add(
    conn: &Connection,
    message: i64,
    emoji: &Emoji,
    user: UserId,
    rev: u64,
) -> rusqlite::Result<()> {
    let first: Option<i64> = conn
        .prepare_cached("SELECT first_rev FROM reactions WHERE message = ? AND emoji = ? LIMIT 1")?
        .query_row((message, emoji), |row| row.get(0))
        .optional()?;
    conn.prepare_cached(
        "INSERT INTO reactions (message, emoji, user, rev, first_rev) VALUES (?, ?, ?, ?, ?)",
    )?
    .execute((message, emoji, user, int(rev), first.unwrap_or(int(rev))))?;
    Ok(())
}

pub(super) fn remove(conn: &Connection, message: i64, emoji: &Emoji, user: UserId) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM reactions WHERE message = ? AND emoji = ? AND user = ?")?
        .execute((message, emoji, user))?;
    Ok(())
}

pub(super) fn clear(conn: &Connection, message: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM reactions WHERE message = ?")?.execute((message,))?;
    Ok(())
}
