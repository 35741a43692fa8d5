//! What a client missed, read from one moment.

use std::collections::HashMap;

use mongodb::{
    bson::{Document, RawDocumentBuf, doc},
    options::{FindOptions, Hint},
};

use super::{
    conversations::of_user,
    errors::Failure,
    messages::without_tokens,
    reads::Reads,
    rows,
    schema::{MESSAGES, MESSAGES_BY_REV, MESSAGES_BY_SEQ},
    values::{Id, int},
    views::{self, Members, Seen},
};
use crate::domain::{
    entities::{
        ids::{ConversationId, UserId},
        message::Message,
    },
    error::Result,
    interfaces::message_repository::{SyncLimits, SyncPage},
};

/// For how many conversations messages are asked in one round trip.
const AT_ONCE: usize = 50;

/// What is missed of a conversation.
enum Missed {
    /// All that changed after this `rev`.
    After(u64),
    /// The newest ones, this many, because nothing is there yet or too much was missed.
    Newest { count: usize, reset: bool },
}

/// Goes through the person's conversations, the newest activity first, until the page is full.
pub(super) async fn sync(
    reads: &mut Reads<'_>,
    user: UserId,
    cursors: &HashMap<ConversationId, u64>,
    limits: SyncLimits,
) -> Result<SyncPage, Failure> {
    let all = of_user(reads, user, Members::None).await?;
    let read = |seen: &Seen| Some((seen.conversation.id, seen.member?.read_seq));
    let reads_of: HashMap<_, _> = all.iter().filter_map(read).collect();
    let mut removed: Vec<_> = cursors.keys().filter(|id| !reads_of.contains_key(*id)).copied().collect();
    removed.sort_unstable();
    let page = SyncPage { reads: reads_of, removed, complete: true, ..SyncPage::default() };
    let behind: Vec<(Seen, Missed)> = all
        .into_iter()
        .filter_map(|seen| missed(cursors, limits, &seen).map(|missed| (seen, missed)))
        .collect();
    let mut filling = Filling { page, size: limits.messages.max(1), whole: Vec::new() };
    let mut rest = behind.as_slice();
    while !rest.is_empty() && filling.page.complete {
        let (now, later) = rest.split_at(filling.fits(rest));
        let mut found = messages(reads, now, filling.room()).await?;
        for (seen, missed) in now {
            let messages = found.remove(&seen.conversation.id).unwrap_or_default();
            if !filling.take(seen, missed, messages) {
                break;
            }
        }
        rest = later;
    }
    let Filling { mut page, whole, .. } = filling;
    let ids: Vec<_> = whole.iter().map(|seen| seen.conversation.id).collect();
    let mut members = views::first_members(reads, &ids).await?;
    for mut seen in whole {
        if let Some(members) = members.remove(&seen.conversation.id) {
            seen.conversation.members = members;
        }
        page.conversations.extend(seen.into_view());
    }
    Ok(page)
}

/// `None` when nothing is.
fn missed(cursors: &HashMap<ConversationId, u64>, limits: SyncLimits, seen: &Seen) -> Option<Missed> {
    let conversation = &seen.conversation;
    let cursor = cursors.get(&conversation.id).copied();
    match cursor {
        Some(cursor) if cursor == conversation.rev => None,
        Some(cursor) if cursor < conversation.rev && conversation.rev - cursor <= limits.reset_after => {
            Some(Missed::After(cursor))
        }
        _ => {
            // Comes whole or not at all, and so must fit on an empty page.
            let recent = limits.recent.min(limits.messages.max(1));
            let count = usize::try_from(conversation.last_seq).unwrap_or(usize::MAX).min(recent);
            Some(Missed::Newest { count, reset: cursor.is_some() })
        }
    }
}

struct Filling {
    page: SyncPage,
    size: usize,
    /// Those whose last part is on the page.
    whole: Vec<Seen>,
}

impl Filling {
    const fn room(&self) -> usize {
        self.size - self.page.messages.len()
    }

    /// Of how many of the next conversations to ask for the messages: as many as are sure to fit, and at least one.
    fn fits(&self, next: &[(Seen, Missed)]) -> usize {
        let mut room = self.room() as u64;
        let fitting = next.iter().take(AT_ONCE).take_while(|(seen, missed)| {
            let most = match missed {
                Missed::After(cursor) => seen.conversation.rev - cursor,
                Missed::Newest { count, .. } => *count as u64,
            };
            let fits = most <= room;
            room = room.saturating_sub(most);
            fits
        });
        fitting.count().max(1)
    }

    /// Puts on the page what fits; whether there may be more on it.
    fn take(&mut self, seen: &Seen, missed: &Missed, mut messages: Vec<Message>) -> bool {
        messages.sort_unstable_by_key(|message| message.rev);
        let room = self.room();
        self.page.complete = messages.len() <= room;
        match missed {
            Missed::After(_) => messages.truncate(room),
            Missed::Newest { .. } if !self.page.complete => return false,
            Missed::Newest { reset: true, .. } => self.page.reset.push(seen.conversation.id),
            Missed::Newest { reset: false, .. } => {}
        }
        self.page.messages.extend(messages);
        if self.page.complete {
            self.whole.push(seen.clone());
        }
        self.page.complete
    }
}

/// The missed messages of several conversations.
async fn messages(
    reads: &mut Reads<'_>,
    wanted: &[(Seen, Missed)],
    room: usize,
) -> Result<HashMap<ConversationId, Vec<Message>>, Failure> {
    let (mut changed, mut newest) = (Vec::new(), Vec::new());
    for (seen, missed) in wanted {
        let id = seen.conversation.id.bson();
        match missed {
            // The marker has a rev too.
            Missed::After(cursor) => {
                changed
                    .push(doc! { "conversation": id, "rev": { "$gt": int(*cursor) }, "seq": { "$gt": 0 } });
            }
            Missed::Newest { count: 0, .. } => {}
            // There are no holes.
            Missed::Newest { count, .. } => {
                let before = seen.conversation.last_seq - *count as u64;
                newest.push(doc! { "conversation": id, "seq": { "$gt": int(before) } });
            }
        }
    }
    let mut found = HashMap::<ConversationId, Vec<Message>>::new();
    for (any, index) in [(changed, MESSAGES_BY_REV), (newest, MESSAGES_BY_SEQ)] {
        for document in those(reads, any, index, room).await? {
            let message = rows::message(&document)?;
            found.entry(message.conversation).or_default().push(message);
        }
    }
    Ok(found)
}

/// What fits any of the filters, each of which is a range of the index. A single one is cut off where the page is full.
async fn those(
    reads: &mut Reads<'_>,
    mut any: Vec<Document>,
    index: &str,
    room: usize,
) -> Result<Vec<RawDocumentBuf>, Failure> {
    let mut options =
        FindOptions::builder().projection(without_tokens()).hint(Hint::Name(index.to_owned())).build();
    let filter = match any.len() {
        0 => return Ok(Vec::new()),
        1 => {
            options.sort = Some(doc! { if index == MESSAGES_BY_REV { "rev" } else { "seq" }: 1 });
            options.limit = Some(i64::try_from(room).unwrap_or(i64::MAX).saturating_add(1));
            any.remove(0)
        }
        _ => doc! { "$or": any },
    };
    Ok(reads.find(MESSAGES, filter, Some(options)).await?)
}
