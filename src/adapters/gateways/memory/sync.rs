//! What a client missed.

use std::collections::HashMap;

use super::{State, room::shown};
use crate::domain::{
    entities::{
        ids::{ConversationId, UserId},
        message::Message,
    },
    error::Result,
    interfaces::message_repository::{SyncLimits, SyncPage},
};

/// Goes through the person's conversations, the newest activity first, until the page is full.
pub(super) fn sync(
    state: &State,
    user: UserId,
    cursors: &HashMap<ConversationId, u64>,
    limits: SyncLimits,
) -> Result<SyncPage> {
    let rooms = state.rooms_of(user);
    let mut page = SyncPage { complete: true, ..SyncPage::default() };
    for room in &rooms {
        page.reads.extend(room.member(user).map(|member| (room.id, member.read_seq)));
    }
    page.removed = cursors.keys().filter(|id| !page.reads.contains_key(*id)).copied().collect();
    page.removed.sort_unstable();
    for room in rooms {
        let place = limits.messages.max(1) - page.messages.len();
        let cursor = cursors.get(&room.id).copied();
        let mut missed: Vec<Message> = match cursor {
            Some(cursor) if cursor == room.rev => continue,
            Some(cursor) if cursor < room.rev && room.rev - cursor <= limits.reset_after => {
                room.messages.iter().filter(|message| message.rev > cursor).map(shown).collect()
            }
            _ => {
                let count = room.messages.len().min(limits.recent).min(limits.messages.max(1));
                if count > place {
                    page.complete = false;
                    return Ok(page);
                }
                page.reset.extend(cursor.map(|_| room.id));
                room.messages[room.messages.len() - count..].iter().map(shown).collect()
            }
        };
        missed.sort_by_key(|message| message.rev);
        page.complete = missed.len() <= place;
        missed.truncate(place);
        page.messages.extend(missed);
        if !page.complete {
            return Ok(page);
        }
        page.conversations.push(room.view(user)?);
    }
    Ok(page)
}
