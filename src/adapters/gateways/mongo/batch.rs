//! One batch of messages: who may send is asked for all of them at once, and then they are inserted in one go, each with the
//! next `seq` and `rev` of its conversation.
//!
//! The insert is an ordered one: it ends at the first message that is refused. So a message is there only when the one before
//! it in its conversation is, whatever happens, and also when nobody ever learns what happened.
//!
//! Where the conversation stands was known before anybody asked who may send. Whoever was taken out, or a conversation that was
//! deleted, since then has taken a `rev`, and the insert runs into it. So it does when another node was faster, and then
//! all is asked anew.

use std::{collections::VecDeque, sync::Arc};

use futures_util::future::BoxFuture;
use mongodb::error::{ErrorKind, IndexedWriteError, InsertManyError};

use super::{
    Access, Database,
    append::{Group, PATIENCE, Waiting},
    checks::{self, Refusal},
    errors::{self, Failure, timely, within},
    lanes::{Head, Turn},
    reads::Reads,
    rows::StoredMessage,
    schema::{BY_ID, MESSAGES, MESSAGES_BY_CLIENT_ID, MESSAGES_BY_REVS, MESSAGES_BY_SEQ},
    transaction::{MOST_RACES, pause},
    views,
};
use crate::domain::{
    entities::{change::Change, message::Message},
    error::{DomainError, Result},
};

/// How often the original of a repeated message is looked for. It is there at the first time, unless it is being deleted.
const LOOKS: u32 = 5;

/// A group with where its conversation stands.
struct Line {
    group: Group,
    head: Head,
}

/// Inserts all, and answers each.
pub(super) async fn write(database: &Arc<Database>, mut groups: Vec<Group>) {
    let access = match database.ready() {
        Ok((access, _)) => access,
        Err(error) => return fail(groups.into_iter().map(|group| group.waiting), error),
    };
    let heads = match within(look(&access, &mut groups)).await {
        Ok(heads) => heads,
        Err(failure) => return fail(groups.into_iter().map(|group| group.waiting), failure),
    };
    // Who has no head has nobody left either.
    let lines = groups.into_iter().zip(heads).filter_map(|(group, head)| Some(Line { group, head: head? }));
    let mut batch = Batch { database, access, lines: lines.collect(), looks: 0 };
    while batch.lines.iter().any(|line| !line.group.waiting.is_empty()) {
        batch.insert().await;
    }
}

/// Writes messages of a conversation to which another node writes at the same moment.
fn again(database: Arc<Database>, mut group: Group) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if let Some(turn) = group.place.turn() {
            turn.forget();
        }
        tokio::time::sleep(pause(group.races)).await;
        group.races = MOST_RACES.min(group.races + 1);
        if group.waiting.front().is_some_and(|waiting| waiting.since.elapsed() > PATIENCE) {
            let error = DomainError::unavailable("too many write to this conversation at the same moment");
            return fail(std::iter::once(group.waiting), error);
        }
        write(&database, vec![group]).await;
    })
}

/// Nobody knows what became of them.
fn fail(lost: impl Iterator<Item = VecDeque<Waiting>>, error: impl Into<DomainError>) {
    let error = error.into();
    let reason = error.cause().map_or_else(|| error.to_string(), ToString::to_string);
    for waiting in lost.flatten() {
        let error = match error {
            DomainError::Internal(_) => DomainError::internal(reason.clone()),
            _ => DomainError::unavailable(reason.clone()),
        };
        waiting.answered(Err(error));
    }
}

/// Finds out where the conversations stand, and answers whoever may not send.
async fn look(access: &Access<'_>, groups: &mut [Group]) -> Result<Vec<Option<Head>>, Failure> {
    let mut reads = Reads::of(access, None);
    // First the heads, then who may send: see above.
    let mut heads: Vec<Option<Head>> =
        groups.iter().map(|group| group.place.turn().and_then(Turn::head)).collect();
    let unknown: Vec<_> = groups
        .iter()
        .zip(&heads)
        .filter(|(_, head)| head.is_none())
        .map(|(group, _)| group.place.id())
        .collect();
    if !unknown.is_empty() {
        let found = views::heads(&mut reads, &unknown).await?;
        for (group, head) in groups.iter().zip(&mut heads) {
            *head = head.or_else(|| found.get(&group.place.id()).copied());
        }
    }
    let messages: Vec<&Message> =
        groups.iter().flat_map(|group| &group.waiting).map(|w| &w.message).collect();
    let mut refusals = checks::refusals(&mut reads, &messages).await?.into_iter();
    let mut refused: Vec<(Waiting, Refusal)> = Vec::new();
    for (group, head) in groups.iter_mut().zip(&heads) {
        for waiting in std::mem::take(&mut group.waiting) {
            match refusals.next().flatten() {
                None if head.is_some() => group.waiting.push_back(waiting),
                refusal => refused.push((waiting, refusal.unwrap_or(Refusal::NoConversation))),
            }
        }
    }
    if let Err(failure) = refuse(&mut reads, &mut refused).await {
        fail(std::iter::once(refused.into_iter().map(|(waiting, _)| waiting).collect()), failure);
    }
    Ok(heads)
}

/// A repeat is answered with the original, whatever else is wrong with it.
async fn refuse(reads: &mut Reads<'_>, refused: &mut Vec<(Waiting, Refusal)>) -> Result<(), Failure> {
    if refused.is_empty() {
        return Ok(());
    }
    let messages: Vec<&Message> = refused.iter().map(|(waiting, _)| &waiting.message).collect();
    let originals = checks::sent(reads, &messages).await?;
    for ((waiting, refusal), original) in refused.drain(..).zip(originals) {
        waiting.answered(original.map(|original| (original, false)).ok_or_else(|| refusal.error()));
    }
    Ok(())
}

struct Batch<'a> {
    database: &'a Arc<Database>,
    access: Access<'a>,
    lines: Vec<Line>,
    looks: u32,
}

/// What the server did with an insert.
enum Outcome {
    All,
    /// Those before this one are stored, and nothing after it.
    Stopped(usize, Reason),
    Unknown(Failure),
}

enum Reason {
    /// It, or another one of this id, is there already.
    Repeat,
    /// Another node was faster.
    Race,
    Other(Failure),
}

impl Batch<'_> {
    /// One insert of all that is left.
    async fn insert(&mut self) {
        self.number();
        let outcome = {
            let messages = self.lines.iter().flat_map(|line| &line.group.waiting);
            let documents = messages.map(|waiting| StoredMessage::of(&waiting.message, &waiting.tokens));
            let collection = self.access.collection::<StoredMessage<'_>>(MESSAGES);
            outcome(timely(collection.insert_many(documents)).await)
        };
        match outcome {
            Outcome::All => self.stored(usize::MAX),
            Outcome::Stopped(count, reason) => {
                self.stored(count);
                match reason {
                    Reason::Repeat => self.repeats().await,
                    Reason::Race => self.race(),
                    Reason::Other(failure) => self.refused(failure),
                }
            }
            Outcome::Unknown(failure) => {
                for line in &self.lines {
                    if let Some(turn) = line.group.place.turn() {
                        turn.forget();
                    }
                }
                fail(self.lines.drain(..).map(|line| line.group.waiting), failure);
            }
        }
    }

    fn number(&mut self) {
        for line in &mut self.lines {
            let Head { mut seq, mut rev } = line.head;
            for waiting in &mut line.group.waiting {
                (seq, rev) = (seq + 1, rev + 1);
                (waiting.message.seq, waiting.message.rev) = (seq, rev);
            }
        }
        self.lines.retain(|line| !line.group.waiting.is_empty());
    }

    /// The first `count` of what is left are durable.
    fn stored(&mut self, mut count: usize) {
        for line in &mut self.lines {
            while count > 0
                && let Some(waiting) = line.group.waiting.pop_front()
            {
                count -= 1;
                let Waiting { message, answer, .. } = waiting;
                line.head = Head { seq: message.seq, rev: message.rev };
                if let Some(turn) = line.group.place.turn() {
                    turn.ends_at(line.head);
                }
                self.database.tell_with(|| Change::MessageCreated(Arc::new(message.clone())));
                drop(answer.send(Ok((message, true))));
            }
        }
        self.lines.retain(|line| !line.group.waiting.is_empty());
    }

    /// The first one that is left is there already. So may others be.
    async fn repeats(&mut self) {
        let originals = {
            let messages: Vec<&Message> =
                self.lines.iter().flat_map(|line| &line.group.waiting).map(|w| &w.message).collect();
            within(checks::sent(&mut Reads::of(&self.access, None), &messages)).await
        };
        let originals = match originals {
            Ok(originals) => originals,
            Err(failure) => return fail(self.lines.drain(..).map(|line| line.group.waiting), failure),
        };
        let first_is_found = originals.first().is_some_and(Option::is_some);
        let mut originals = originals.into_iter();
        for line in &mut self.lines {
            for waiting in std::mem::take(&mut line.group.waiting) {
                match originals.next().flatten() {
                    Some(original) => waiting.answered(Ok((original, false))),
                    None => line.group.waiting.push_back(waiting),
                }
            }
        }
        if first_is_found {
            return;
        }
        self.looks += 1;
        if self.looks < LOOKS {
            tokio::time::sleep(pause(self.looks)).await;
        } else {
            self.refused(DomainError::unavailable("the original of a repeated message is not there").into());
        }
    }

    /// The conversation of the first one that is left goes its own way: there its other messages follow.
    fn race(&mut self) {
        if !self.lines.is_empty() {
            let Line { group, .. } = self.lines.remove(0);
            tokio::spawn(again(Arc::clone(self.database), group));
        }
    }

    fn refused(&mut self, failure: Failure) {
        if let Some(waiting) = self.lines.first_mut().and_then(|line| line.group.waiting.pop_front()) {
            waiting.answered(Err(failure.into()));
        }
    }
}

fn outcome<T>(answer: Result<T, Failure>) -> Outcome {
    let failure = match answer {
        Ok(_) => return Outcome::All,
        Err(failure) => failure,
    };
    if let Failure::Driver(error) = &failure
        && let ErrorKind::InsertMany(InsertManyError {
            write_errors: Some(refused),
            write_concern_error: None,
            ..
        }) = error.kind.as_ref()
        && let [IndexedWriteError { index, message, code, .. }] = refused.as_slice()
        && !errors::may_pass(*code)
    {
        let is = |name: &str| errors::refuses(*code, message, name);
        let reason = if is(MESSAGES_BY_CLIENT_ID) || is(BY_ID) {
            Reason::Repeat
        } else if is(MESSAGES_BY_SEQ) || is(MESSAGES_BY_REVS) {
            Reason::Race
        } else {
            Reason::Other(DomainError::internal(error.clone()).into())
        };
        return Outcome::Stopped(*index, reason);
    }
    Outcome::Unknown(failure)
}
