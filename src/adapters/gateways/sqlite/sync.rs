//! What a client missed, read from one snapshot.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{
    conversations::{bare_views, complete_view},
    rows,
    values::int,
};
use crate::domain::{
    entities::{
        conversation::Conversation,
        ids::{ConversationId, UserId},
        message::Message,
    },
    error::Result,
    interfaces::message_repository::{SyncLimits, SyncPage},
};

/// Goes through the person's conversations, the newest activity first, until the page is full.
pub(super) fn sync(
    conn: &Connection,
    user: UserId,
    cursors: &HashMap<ConversationId, u64>,
    limits: SyncLimits,
) -> Result<SyncPage> {
    let views = bare_views(conn, user)?;
    let reads: HashMap<_, _> = views.iter().map(|view| (view.conversation.id, view.read_seq)).collect();
    let mut removed: Vec<_> = cursors.keys().filter(|id| !reads.contains_key(*id)).copied().collect();
    removed.sort_unstable();
    let mut page = SyncPage { reads, removed, complete: true, ..SyncPage::default() };
    let size = limits.messages.max(1);
    for view in views {
        let room = size - page.messages.len();
        let conversation = &view.conversation;
        let cursor = cursors.get(&conversation.id).copied();
        let (missed, is_all) = match cursor {
            Some(cursor) if cursor == conversation.rev => continue,
            Some(cursor) if cursor < conversation.rev && conversation.rev - cursor <= limits.reset_after => {
                changed(conn, conversation, cursor, room)?
            }
            _ => {
                // Comes whole or not at all, and so must fit on an empty page.
                let recent = limits.recent.min(size);
                let count = usize::try_from(conversation.last_seq).unwrap_or(usize::MAX).min(recent);
                if count > room {
                    page.complete = false;
                    break;
                }
                if cursor.is_some() {
                    page.reset.push(conversation.id);
                }
                (newest(conn, conversation, count)?, true)
            }
        };
        page.messages.extend(missed);
        if !is_all {
            page.complete = false;
            break;
        }
        page.conversations.push(complete_view(conn, view)?);
    }
    Ok(page)
}

/// What changed after the cursor, ascending by `rev`, and whether it is all.
fn changed(
    conn: &Connection,
    conversation: &Conversation,
    cursor: u64,
    room: usize,
) -> rusqlite::Result<(Vec<Message>, bool)> {
    let mut messages = rows::select(
        conn,
        "messages m WHERE m.conversation = ? AND m.rev > ? ORDER BY m.rev LIMIT ?",
        (conversation.id, int(cursor), int(room as u64).saturating_add(1)),
    )?;
    let is_all = messages.len() <= room;
    messages.truncate(room);
    Ok((messages, is_all))
}

/// The newest messages by `seq`, ascending by `rev`.
fn newest(conn: &Connection, conversation: &Conversation, count: usize) -> rusqlite::Result<Vec<Message>> {
    let mut messages = rows::select(
        conn,
        "messages m WHERE m.conversation = ? ORDER BY m.seq DESC LIMIT ?",
        (conversation.id, int(count as u64)),
    )?;
    messages.sort_unstable_by_key(|message| message.rev);
    Ok(messages)
}
