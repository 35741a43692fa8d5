//! What a client missed, read from one moment.

use std::collections::HashMap;

use mongodb::{
    bson::{Document, doc},
    options::{FindOptions, Hint},
};

use super::{
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
        conversation::Member,
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

/// What one device asks.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub user: UserId,
    pub cursors: HashMap<ConversationId, u64>,
    pub limits: SyncLimits,
}

/// Goes through each person's conversations, the newest activity first, until the page is full. What several miss is
/// read once. The pages are in the order of the questions.
pub(super) async fn sync(reads: &mut Reads<'_>, asks: &[Ask]) -> Result<Vec<SyncPage>, Failure> {
    let users: Vec<UserId> = asks.iter().map(|ask| ask.user).collect();
    let theirs = views::of_users(reads, &users, Members::None).await?;
    let begin = |ask: &Ask| Filling::begin(ask, theirs.get(&ask.user).map_or(&[], Vec::as_slice));
    let mut fillings: Vec<Filling> = asks.iter().map(begin).collect();
    loop {
        let mut wanted: Vec<(&Seen, &Missed, usize)> = Vec::new();
        for filling in &fillings {
            let room = filling.room();
            wanted.extend(filling.next().iter().map(|(seen, missed)| (seen, missed, room)));
        }
        if wanted.is_empty() {
            break;
        }
        let found = Found::read(reads, &wanted).await?;
        fillings.iter_mut().for_each(|filling| filling.take(&found));
    }
    let mut whole: Vec<ConversationId> =
        fillings.iter().flat_map(|filling| &filling.whole).map(|seen| seen.conversation.id).collect();
    whole.sort_unstable();
    whole.dedup();
    let members = views::first_members(reads, &whole).await?;
    Ok(fillings.into_iter().map(|filling| filling.end(&members)).collect())
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

/// A page that becomes full.
struct Filling {
    page: SyncPage,
    size: usize,
    behind: Vec<(Seen, Missed)>,
    /// How many of those are on the page.
    done: usize,
    /// Those whose last part is on the page.
    whole: Vec<Seen>,
}

impl Filling {
    fn begin(ask: &Ask, all: &[Seen]) -> Self {
        let read = |seen: &Seen| Some((seen.conversation.id, seen.member?.read_seq));
        let reads: HashMap<_, _> = all.iter().filter_map(read).collect();
        let mut removed: Vec<_> = ask.cursors.keys().filter(|id| !reads.contains_key(*id)).copied().collect();
        removed.sort_unstable();
        let behind = |seen: &Seen| Some((seen.clone(), missed(&ask.cursors, ask.limits, seen)?));
        Self {
            page: SyncPage { reads, removed, complete: true, ..SyncPage::default() },
            size: ask.limits.messages.max(1),
            behind: all.iter().filter_map(behind).collect(),
            done: 0,
            whole: Vec::new(),
        }
    }

    const fn room(&self) -> usize {
        self.size - self.page.messages.len()
    }

    /// The conversations whose messages are to be asked for: as many as are sure to fit, and at least one. None when
    /// the page is full or nothing is left.
    fn next(&self) -> &[(Seen, Missed)] {
        let rest = if self.page.complete { &self.behind[self.done..] } else { &[] };
        let mut room = self.room() as u64;
        let fitting = rest.iter().take(AT_ONCE).take_while(|(seen, missed)| {
            let most = match missed {
                Missed::After(cursor) => seen.conversation.rev - cursor,
                Missed::Newest { count, .. } => *count as u64,
            };
            let fits = most <= room;
            room = room.saturating_sub(most);
            fits
        });
        let count = fitting.count().max(1).min(rest.len());
        &rest[..count]
    }

    /// Puts on the page what fits of what was found for the [`next`](Self::next) ones.
    fn take(&mut self, found: &Found) {
        for place in self.done..self.done + self.next().len() {
            self.done += 1;
            let (seen, missed) = &self.behind[place];
            let mut messages = found.of(seen, missed);
            let room = self.room();
            self.page.complete = messages.len() <= room;
            match missed {
                Missed::After(_) => messages.truncate(room),
                Missed::Newest { .. } if !self.page.complete => return,
                Missed::Newest { reset: true, .. } => self.page.reset.push(seen.conversation.id),
                Missed::Newest { reset: false, .. } => {}
            }
            self.page.messages.extend(messages.into_iter().cloned());
            if !self.page.complete {
                return;
            }
            self.whole.push(seen.clone());
        }
    }

    fn end(self, members: &HashMap<ConversationId, Vec<Member>>) -> SyncPage {
        let Self { mut page, whole, .. } = self;
        for mut seen in whole {
            if let Some(members) = members.get(&seen.conversation.id) {
                seen.conversation.members.clone_from(members);
            }
            page.conversations.extend(seen.into_view());
        }
        page
    }
}

/// Messages that were missed by anybody, ascending by `rev`.
struct Found {
    changed: HashMap<ConversationId, Vec<Message>>,
    newest: HashMap<ConversationId, Vec<Message>>,
    /// What changed after a cursor, where it may be more than a page has room for: no more than that.
    long: HashMap<(ConversationId, u64), Vec<Message>>,
}

impl Found {
    async fn read(reads: &mut Reads<'_>, wanted: &[(&Seen, &Missed, usize)]) -> Result<Self, Failure> {
        let too_long = |(seen, missed, room): &(&Seen, &Missed, usize)| match missed {
            Missed::After(cursor) if seen.conversation.rev - cursor > *room as u64 => {
                Some(((seen.conversation.id, *cursor), 0))
            }
            _ => None,
        };
        let mut rooms: HashMap<(ConversationId, u64), usize> = wanted.iter().filter_map(too_long).collect();
        // The lowest bound of each: nobody is further behind.
        let (mut changed, mut newest) = (HashMap::new(), HashMap::new());
        for (seen, missed, room) in wanted {
            let id = seen.conversation.id;
            let (of, after) = match missed {
                Missed::After(cursor) => match rooms.get_mut(&(id, *cursor)) {
                    Some(most) => {
                        *most = (*most).max(*room);
                        continue;
                    }
                    None => (&mut changed, *cursor),
                },
                Missed::Newest { count: 0, .. } => continue,
                Missed::Newest { count, .. } => (&mut newest, first_seq(seen, *count)),
            };
            let lowest = of.entry(id).or_insert(after);
            *lowest = after.min(*lowest);
        }
        let mut long = HashMap::new();
        for ((id, cursor), room) in rooms {
            let range = HashMap::from([(id, cursor)]);
            let mut found = those(reads, &range, ("rev", MESSAGES_BY_REV), Some(room)).await?;
            long.insert((id, cursor), found.remove(&id).unwrap_or_default());
        }
        Ok(Self {
            changed: those(reads, &changed, ("rev", MESSAGES_BY_REV), None).await?,
            newest: those(reads, &newest, ("seq", MESSAGES_BY_SEQ), None).await?,
            long,
        })
    }

    fn of(&self, seen: &Seen, missed: &Missed) -> Vec<&Message> {
        let id = seen.conversation.id;
        match missed {
            Missed::After(cursor) => {
                let found = self.long.get(&(id, *cursor)).or_else(|| self.changed.get(&id));
                found.into_iter().flatten().filter(|message| message.rev > *cursor).collect()
            }
            Missed::Newest { count, .. } => {
                let (messages, before) =
                    (self.newest.get(&id).into_iter().flatten(), first_seq(seen, *count));
                messages.filter(|message| message.seq > before).collect()
            }
        }
    }
}

/// The `seq` before the newest `count` ones. There are no holes.
fn first_seq(seen: &Seen, count: usize) -> u64 {
    seen.conversation.last_seq - count as u64
}

/// The messages of each conversation whose `field` is greater than what is given, ascending by `rev`. Each is a range
/// of the index.
async fn those(
    reads: &mut Reads<'_>,
    ranges: &HashMap<ConversationId, u64>,
    (field, index): (&str, &str),
    most: Option<usize>,
) -> Result<HashMap<ConversationId, Vec<Message>>, Failure> {
    if ranges.is_empty() {
        return Ok(HashMap::new());
    }
    let range = |(id, after): (&ConversationId, &u64)| {
        let mut range = doc! { "conversation": id.bson(), field: { "$gt": int(*after) } };
        if field != "seq" {
            // The marker has a rev too.
            range.insert("seq", doc! { "$gt": 0 });
        }
        range
    };
    let any: Vec<Document> = ranges.iter().map(range).collect();
    let mut options =
        FindOptions::builder().projection(without_tokens()).hint(Hint::Name(index.to_owned())).build();
    if let Some(most) = most {
        // One more tells that it is not all.
        options.limit = Some(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1));
        options.sort = Some(doc! { field: 1 });
    }
    let mut found = HashMap::<ConversationId, Vec<Message>>::new();
    for document in reads.find(MESSAGES, doc! { "$or": any }, Some(options)).await? {
        let message = rows::message(&document)?;
        found.entry(message.conversation).or_default().push(message);
    }
    for messages in found.values_mut() {
        messages.sort_unstable_by_key(|message| message.rev);
    }
    Ok(found)
}
