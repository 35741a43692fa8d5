//! Search in the full-text index (<https://www.sqlite.org/fts5.html>).

use rusqlite::{Connection, params};

use super::{
    keys, members,
    rows::{COLUMNS, StoredMessage},
    values::int,
};
use crate::domain::{
    entities::{
        ids::{ConversationId, MessageId, UserId},
        message::Body,
        search_text::{SearchQuery, tokens},
    },
    error::{DomainError, Result},
    interfaces::message_repository::SearchPage,
};

/// In more conversations than this, asking each hit for its conversation is cheaper than asking the index for all
/// of them.
const MAX_CONVERSATION_TOKENS: usize = 50;

/// What a message is found by: its own tokens and the one of its conversation.
pub(super) fn index_text(conversation: ConversationId, body: &Body) -> String {
    let mut text = conversation_token(conversation);
    for token in tokens(body.as_str()) {
        text.push(' ');
        text.push_str(&token);
    }
    text
}

/// Begins with a character for private use, which no token of a text holds: nobody can write a message that looks
/// as if it were in another conversation.
fn conversation_token(id: ConversationId) -> String {
    format!("\u{e000}{}", id.as_uuid().simple())
}

/// Where a page goes on: after the message of this id.
///
/// # Errors
/// `Invalid` naming `cursor`.
pub(super) fn cursor(text: &str) -> Result<MessageId> {
    text.parse().map_err(|_| DomainError::invalid("cursor", "is not one that this server gave"))
}

pub(super) fn search(
    conn: &Connection,
    user: UserId,
    query: &SearchQuery,
    conversation: Option<ConversationId>,
    before: Option<MessageId>,
    limit: u32,
) -> Result<SearchPage> {
    let mut mine = members::conversations_of(conn, user)?;
    if let Some(conversation) = conversation {
        mine.retain(|id| *id == conversation);
    }
    if mine.is_empty() {
        return Ok(SearchPage { messages: Vec::new(), next: None });
    }
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let mut hits = hits(conn, user, &expression(query, &mine), before, limit)?;
    // Keys sort like ids down to the millisecond, and `hits` answers whole milliseconds.
    hits.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
    let more = hits.len() > limit;
    hits.truncate(limit);
    let next = hits.last().filter(|_| more).map(|(id, _)| id.to_string());
    let messages = hits.into_iter().map(|(_, hit)| hit.complete(conn)).collect::<rusqlite::Result<_>>()?;
    Ok(SearchPage { messages, next })
}

/// The expression that the index answers. Tokens hold no quotes, and between quotes nothing has a meaning.
fn expression(query: &SearchQuery, conversations: &[ConversationId]) -> String {
    let words = query.words().iter().map(|word| format!("\"{word}\""));
    let prefixes = query.prefixes().iter().map(|prefix| format!("\"{prefix}\" *"));
    let mut parts: Vec<String> = words.chain(prefixes).collect();
    if conversations.len() <= MAX_CONVERSATION_TOKENS {
        let tokens = conversations.iter().map(|id| format!("\"{}\"", conversation_token(*id)));
        parts.push(format!("({})", tokens.collect::<Vec<_>>().join(" OR ")));
    }
    parts.join(" AND ")
}

/// At least the newest `limit + 1` hits, if there are so many, and all others of the last one's millisecond.
fn hits(
    conn: &Connection,
    user: UserId,
    expression: &str,
    before: Option<MessageId>,
    limit: usize,
) -> rusqlite::Result<Vec<(MessageId, StoredMessage)>> {
    // Membership is asked of each hit, also where the index was: it decides what people may see.
    let sql = format!(
        "SELECT {COLUMNS} FROM search s CROSS JOIN messages m ON m.pk = s.rowid
         WHERE s.search MATCH ?1 AND s.rowid BETWEEN ?2 AND ?3 AND (?4 IS NULL OR m.id < ?4)
             AND EXISTS (SELECT 1 FROM members i WHERE i.conversation = m.conversation AND i.user = ?5)
         ORDER BY s.rowid DESC LIMIT ?6"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let mut between = |first: i64, last: i64, limit: i64| {
        select
            .query_map(params![expression, first, last, before, user, limit], |row| {
                Ok((row.get(1)?, StoredMessage::read(row)?))
            })?
            .collect::<rusqlite::Result<Vec<(MessageId, StoredMessage)>>>()
    };
    let end = before.map_or(i64::MAX, |id| keys::group(id).1);
    let mut hits = between(0, end, int(limit as u64).saturating_add(1))?;
    if let Some((id, last)) = hits.last().filter(|_| hits.len() > limit) {
        let rest = between(keys::group(*id).0, last.pk.saturating_sub(1), -1)?;
        hits.extend(rest);
    }
    Ok(hits)
}
