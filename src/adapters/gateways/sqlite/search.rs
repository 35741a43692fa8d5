//! Search in the full-text index (<https://www.sqlite.org/fts5.html>).
//!
//! The index answers the newest first, and where words are looked for as soon as it has the first. For the beginning of a
//! word it puts together all messages with all such words before that, which takes as long as there are many: so a
//! beginning that is common is not looked up, but looked for in the messages that the other words give.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, Row, params};

use super::{
    keys, members,
    rows::{BODY, COLUMNS, CONVERSATION, CREATED_AT, ID, SENDER, StoredMessage},
};
use crate::domain::{
    entities::{
        ids::{ConversationId, MessageId, UserId},
        message::Body,
        search_text::{SearchQuery, starts_any, tokens},
    },
    error::{DomainError, Result},
    interfaces::message_repository::{Has, SearchFilter, SearchPage},
};

/// In more conversations than this, asking each hit for its conversation is cheaper than asking the index for all
/// of them.
const MAX_CONVERSATION_TOKENS: usize = 50;

/// How many of the newest messages are gone through before the index is asked.
const NEWEST: usize = 500;

/// So many bytes of them are enough: a long message is as much work as many short ones.
const NEWEST_BYTES: usize = 256 * 1024;

/// How many messages are gone through for a beginning that is common.
const PATIENCE: usize = 5_000;

/// How many messages are gone through where there are no words, before the page ends.
const WALK: usize = 20_000;

/// The beginning of a word that occurs in so many of those is common.
const COMMON: usize = 5;

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
    filter: SearchFilter,
    before: Option<MessageId>,
    limit: u32,
) -> Result<SearchPage> {
    let mut mine: HashSet<ConversationId> = members::conversations_of(conn, user)?.into_iter().collect();
    if let Some(conversation) = filter.conversation {
        mine.retain(|id| *id == conversation);
    }
    if mine.is_empty() {
        return Ok(SearchPage { messages: Vec::new(), next: None });
    }
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let wanted = limit.saturating_add(1);
    let mut search = Search { query, mine: &mine, filter, before, wanted, hits: Vec::new() };
    let mut next = None;
    match filter.has {
        Some(Has::File | Has::Kind(_)) if query.is_anything() => search.files(conn)?,
        _ if query.is_anything() => {
            if let Some(rest) = search.newest(conn)? {
                // The next page goes on from there.
                next = search.older(conn, &rest, WALK)?.map(|(_, last)| last.to_string());
            }
        }
        _ => {
            if let Some(rest) = search.newest(conn)?
                && let Some((end, _)) = search.older(conn, &rest, PATIENCE)?
            {
                // What is common elsewhere is rare here: it is looked up after all.
                let prefixes = query.prefixes().iter().map(String::as_str).collect();
                search.older(conn, &Rest { end, prefixes }, usize::MAX)?;
            }
        }
    }
    let mut hits = search.hits;
    // Keys sort like ids down to the millisecond, and whole milliseconds were searched.
    hits.sort_unstable_by_key(|hit| std::cmp::Reverse(hit.id()));
    let more = hits.len() > limit;
    hits.truncate(limit);
    let next = hits.last().filter(|_| more).map(|hit| hit.id().to_string()).or(next);
    let messages = hits.into_iter().map(|hit| hit.complete(conn)).collect::<rusqlite::Result<_>>()?;
    Ok(SearchPage { messages, next })
}

/// What is left to be searched after the newest messages.
struct Rest<'a> {
    /// The greatest key.
    end: i64,
    /// The beginnings of words that are worth looking up. The others are common, and looked for in the messages.
    prefixes: Vec<&'a str>,
}

struct Search<'a> {
    query: &'a SearchQuery,
    mine: &'a HashSet<ConversationId>,
    filter: SearchFilter,
    before: Option<MessageId>,
    wanted: usize,
    hits: Vec<StoredMessage>,
}

impl<'a> Search<'a> {
    /// Goes through the newest messages: what is common is found there, and how common each beginning of a word is. `None`
    /// when there is enough of it, or nothing else.
    fn newest(&mut self, conn: &Connection) -> rusqlite::Result<Option<Rest<'a>>> {
        let query = self.query;
        let mut seen = vec![0; query.prefixes().len()];
        let sql = format!("SELECT {COLUMNS} FROM messages m WHERE m.pk <= ?1 ORDER BY m.pk DESC");
        let mut select = conn.prepare_cached(&sql)?;
        let mut rows = select.query([self.end()])?;
        let (mut gone_through, mut bytes, mut last) = (0, 0, i64::MAX);
        while let Some(row) = rows.next()? {
            let pk: i64 = row.get(0)?;
            let is_enough = gone_through >= NEWEST || bytes >= NEWEST_BYTES || self.hits.len() >= self.wanted;
            if is_enough && !keys::same_group(pk, last) {
                let is_rare =
                    |(prefix, seen): (&'a String, usize)| (seen < COMMON).then_some(prefix.as_str());
                let prefixes = query.prefixes().iter().zip(seen).filter_map(is_rare).collect();
                return Ok((self.hits.len() < self.wanted).then_some(Rest { end: pk, prefixes }));
            }
            let body = row.get_ref(BODY)?.as_str_or_null()?.unwrap_or_default();
            (gone_through, bytes, last) = (gone_through + 1, bytes + body.len(), pk);
            let tokens = tokens(body);
            for (prefix, seen) in query.prefixes().iter().zip(&mut seen) {
                *seen += usize::from(starts_any(&tokens, prefix));
            }
            if self.may_see(row)? {
                self.take(row, &tokens)?;
            }
        }
        Ok(None)
    }

    /// The rest, by the index where it knows anything, and otherwise one after the other: then the hits are near. Answers
    /// where to go on when they were not, after so many messages, and the lowest id before that.
    fn older(
        &mut self,
        conn: &Connection,
        rest: &Rest<'_>,
        patience: usize,
    ) -> rusqlite::Result<Option<(i64, MessageId)>> {
        let expression = self.expression(rest);
        let from = if expression.is_some() {
            "search s CROSS JOIN messages m ON m.pk = s.rowid
             WHERE s.search MATCH ?2 AND s.rowid <= ?1 ORDER BY s.rowid DESC"
        } else {
            "messages m WHERE m.pk <= ?1 AND ?2 IS NULL ORDER BY m.pk DESC"
        };
        let mut select = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM {from}"))?;
        let mut rows = select.query(params![rest.end, expression])?;
        let (mut gone_through, mut last, mut lowest) = (0, i64::MAX, None);
        while let Some(row) = rows.next()? {
            let pk: i64 = row.get(0)?;
            if !keys::same_group(pk, last) {
                if self.hits.len() >= self.wanted {
                    break;
                }
                if let Some(lowest) = lowest.filter(|_| gone_through >= patience) {
                    return Ok(Some((pk, lowest)));
                }
                lowest = None;
            }
            let id: MessageId = row.get(ID)?;
            (gone_through, last) = (gone_through + 1, pk);
            lowest = Some(lowest.map_or(id, |lowest| id.min(lowest)));
            if self.may_see(row)? {
                self.take(row, &tokens(row.get_ref(BODY)?.as_str_or_null()?.unwrap_or_default()))?;
            }
        }
        Ok(None)
    }

    /// Membership is asked of each message, also where the index was: it decides what people may see.
    fn may_see(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        let (id, conversation): (MessageId, ConversationId) = (row.get(ID)?, row.get(CONVERSATION)?);
        let is_mine = self.before.is_none_or(|before| id < before) && self.mine.contains(&conversation);
        Ok(is_mine && self.filter.admits(row.get(SENDER)?, row.get(CREATED_AT)?))
    }

    /// Takes a message that is a hit.
    fn take(&mut self, row: &Row<'_>, tokens: &BTreeSet<String>) -> rusqlite::Result<()> {
        if self.query.matches(tokens) {
            self.take_any(row)?;
        }
        Ok(())
    }

    /// The same where there are no words.
    fn take_any(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let hit = StoredMessage::read(row)?;
        let message = hit.message();
        if !message.is_deleted() && self.filter.has.is_none_or(|has| has.is_in(message)) {
            self.hits.push(hit);
        }
        Ok(())
    }

    /// The newest files, one conversation after the other in an index that has nothing else. Of each no more is read than may
    /// be among the newest of all.
    fn files(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT {COLUMNS} FROM messages m INDEXED BY messages_with_files
             WHERE m.conversation = ?1 AND m.attachments IS NOT NULL AND m.pk <= ?2 ORDER BY m.pk DESC"
        );
        let mut select = conn.prepare_cached(&sql)?;
        // Nothing below this is among the newest.
        let mut floor = i64::MIN;
        for id in self.mine {
            let mut rows = select.query(params![id, self.end()])?;
            let before = self.hits.len();
            let mut last = i64::MAX;
            while let Some(row) = rows.next()? {
                let pk: i64 = row.get(0)?;
                let is_enough = self.hits.len() - before >= self.wanted && !keys::same_group(pk, last);
                if pk < floor || is_enough {
                    break;
                }
                last = pk;
                if self.may_see(row)? {
                    self.take_any(row)?;
                }
            }
            drop(rows);
            self.hits.sort_unstable_by_key(|hit| std::cmp::Reverse(hit.pk));
            if let Some(hit) = self.hits.get(self.wanted - 1) {
                floor = keys::group(hit.id()).0;
                self.hits.retain(|hit| hit.pk >= floor);
            }
        }
        Ok(())
    }

    /// The greatest key that a hit may have.
    fn end(&self) -> i64 {
        self.before.map_or(i64::MAX, |id| keys::group(id).1)
    }

    /// What the index is asked. Tokens hold no quotes, and between quotes nothing has a meaning. `None` when it would have
    /// to give everything.
    fn expression(&self, rest: &Rest<'_>) -> Option<String> {
        let words = self.query.words().iter().map(|word| format!("\"{word}\""));
        let prefixes = rest.prefixes.iter().map(|prefix| format!("\"{prefix}\" *"));
        let mut parts: Vec<String> = words.chain(prefixes).collect();
        if self.filter.has == Some(Has::Link) {
            let tokens = Has::LINK_TOKENS.map(|token| format!("\"{token}\""));
            parts.push(format!("({})", tokens.join(" OR ")));
        }
        if self.mine.len() <= MAX_CONVERSATION_TOKENS {
            let tokens = self.mine.iter().map(|id| format!("\"{}\"", conversation_token(*id)));
            parts.push(format!("({})", tokens.collect::<Vec<_>>().join(" OR ")));
        }
        (!parts.is_empty()).then(|| parts.join(" AND "))
    }
}
