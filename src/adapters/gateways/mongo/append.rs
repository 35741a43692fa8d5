//! Messages on their way into the database. What waits is taken out in batches, for one round trip and one journal write
//! cost hardly more for many messages than for one. In one conversation they go in the order in which they came.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::{
    Database, batch,
    lanes::{Lanes, Turn},
    rows::message_tokens,
};
use crate::domain::{
    entities::{ids::ConversationId, message::Message},
    error::{DomainError, Result},
    interfaces::message_repository::NewMessage,
};

/// How many messages, and how many bytes of them, may wait; more are answered `Unavailable`.
const MOST_WAITING: usize = 8_192;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// About how much memory a file of a message takes.
const FILE: usize = 512;

/// How many messages, and how many bytes of them, share a batch: enough to make the journal cheap for each, few enough
/// to keep the first one from waiting long.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// How many batches are under way: while the server writes one to the disk, the next one is made.
const UNDER_WAY: usize = 4;

/// How many messages must wait for each batch that is under way before another one begins. A batch of a few costs the server
/// almost as much as one of many: while it keeps up, it is asked for one after the other.
const WORTH_ANOTHER: usize = 32;

/// But nobody waits longer than this for a batch of others, which may be stuck.
const IMPATIENCE: Duration = Duration::from_millis(50);

/// Who has waited this long, because the database does not answer or other nodes are always faster, is told so.
pub(super) const PATIENCE: Duration = Duration::from_secs(7);

/// A message with all but its `seq` and `rev`.
pub(super) struct Waiting {
    pub message: Message,
    pub tokens: Vec<String>,
    pub answer: oneshot::Sender<Result<(Message, bool)>>,
    pub since: Instant,
    /// About how much memory it takes.
    size: usize,
}

impl Waiting {
    /// Who asked may have gone away; what is stored stays stored.
    pub fn answered(self, outcome: Result<(Message, bool)>) {
        drop(self.answer.send(outcome));
    }
}

/// Messages of one conversation, in their order, and the right to write there.
pub(super) struct Group {
    pub waiting: VecDeque<Waiting>,
    pub place: Place,
    /// How often other nodes were faster.
    pub races: u32,
}

/// A conversation's place in the queue: nothing more of it is taken out until this is dropped.
pub(super) struct Place {
    id: ConversationId,
    turn: Option<Turn>,
    queue: Arc<Queue>,
}

impl Place {
    pub const fn id(&self) -> ConversationId {
        self.id
    }

    /// There until the place is dropped.
    pub const fn turn(&self) -> Option<&Turn> {
        self.turn.as_ref()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.turn.take());
        self.queue.left(self.id);
    }
}

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    came: Notify,
    empty: Notify,
}

#[derive(Default)]
struct State {
    /// One for each conversation of which something waits or is under way.
    lines: HashMap<ConversationId, VecDeque<Waiting>>,
    /// Those of which nothing is under way.
    ready: VecDeque<(ConversationId, Option<Turn>)>,
    waiting: usize,
    bytes: usize,
    closed: bool,
}

impl Queue {
    /// Puts a message at the end of its conversation's line, at once.
    ///
    /// # Errors
    /// `Unavailable` when too many wait or the database was closed.
    pub fn push(&self, new: &NewMessage) -> Result<oneshot::Receiver<Result<(Message, bool)>>> {
        let (answer, outcome) = oneshot::channel();
        // Here, and not where all messages pass.
        let tokens = message_tokens(new.body.as_str());
        let size = size_of::<Waiting>()
            + new.body.as_str().len()
            + new.attachments.len() * FILE
            + tokens.iter().map(|token| size_of::<String>() + token.len()).sum::<usize>();
        let waiting = Waiting { message: unplaced(new), tokens, answer, since: Instant::now(), size };
        let mut state = self.state();
        if state.closed {
            return Err(DomainError::unavailable("the database was closed"));
        }
        if state.waiting >= MOST_WAITING || state.bytes >= MOST_BYTES {
            return Err(DomainError::unavailable("too many messages wait for the database"));
        }
        state.waiting += 1;
        state.bytes += size;
        if let Some(line) = state.lines.get_mut(&new.conversation) {
            line.push_back(waiting);
        } else {
            state.lines.insert(new.conversation, VecDeque::from([waiting]));
            state.ready.push_back((new.conversation, None));
            self.came.notify_one();
        }
        Ok(outcome)
    }

    /// Takes nothing any more.
    pub fn end(&self) {
        self.state().closed = true;
        self.came.notify_one();
    }

    /// The same, and waits until all that waits has been answered.
    pub async fn close(&self) {
        self.end();
        loop {
            let empty = self.empty.notified();
            if self.state().lines.is_empty() {
                return;
            }
            empty.await;
        }
    }

    /// The next batch, as soon as it is worth while beside `others`; `None` when the queue was closed and is empty.
    async fn next(self: &Arc<Self>, lanes: &Arc<Lanes>, others: impl Fn() -> usize) -> Option<Vec<Group>> {
        let mut is_impatient = false;
        loop {
            let waiting = self.state().waiting;
            let is_worth_while = is_impatient || waiting >= others() * WORTH_ANOTHER;
            let groups = if is_worth_while { self.take(lanes) } else { Vec::new() };
            if !groups.is_empty() {
                return Some(groups);
            }
            {
                let state = self.state();
                if state.closed && state.lines.is_empty() {
                    return None;
                }
            }
            if is_worth_while || waiting == 0 {
                self.came.notified().await;
                is_impatient = false;
            } else {
                is_impatient = tokio::time::timeout(IMPATIENCE, self.came.notified()).await.is_err();
            }
        }
    }

    fn take(self: &Arc<Self>, lanes: &Arc<Lanes>) -> Vec<Group> {
        let mut groups = Vec::new();
        let (mut room, mut bytes) = (BATCH, BATCH_BYTES);
        while room > 0 && bytes > 0 {
            let mut state = self.state();
            let Some((id, turn)) = state.ready.pop_front() else { break };
            let Some(turn) = turn.or_else(|| lanes.try_enter(id)) else {
                self.wait_for_turn(id, lanes);
                continue;
            };
            let mut waiting = VecDeque::new();
            while room > 0
                && bytes > 0
                && let Some(next) = state.lines.get_mut(&id).and_then(VecDeque::pop_front)
            {
                state.waiting -= 1;
                state.bytes -= next.size;
                if next.since.elapsed() > PATIENCE {
                    next.answered(Err(DomainError::unavailable("the database is too slow")));
                    continue;
                }
                room -= 1;
                bytes = bytes.saturating_sub(next.size);
                waiting.push_back(next);
            }
            drop(state);
            let place = Place { id, turn: Some(turn), queue: Arc::clone(self) };
            if !waiting.is_empty() {
                groups.push(Group { waiting, place, races: 0 });
            }
        }
        groups
    }

    /// Something else is being written there, an edit perhaps; the others need not wait for that.
    fn wait_for_turn(self: &Arc<Self>, id: ConversationId, lanes: &Arc<Lanes>) {
        let (queue, lanes) = (Arc::clone(self), Arc::clone(lanes));
        tokio::spawn(async move {
            let turn = lanes.enter(id).await;
            queue.state().ready.push_back((id, Some(turn)));
            queue.came.notify_one();
        });
    }

    /// Nothing of the conversation is under way any more.
    fn left(&self, id: ConversationId) {
        let mut state = self.state();
        if state.lines.get(&id).is_some_and(|line| !line.is_empty()) {
            state.ready.push_back((id, None));
            self.came.notify_one();
            return;
        }
        state.lines.remove(&id);
        if state.lines.is_empty() {
            self.empty.notify_waiters();
            if state.closed {
                self.came.notify_one();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unplaced(new: &NewMessage) -> Message {
    Message {
        id: new.id,
        conversation: new.conversation,
        seq: 0,
        rev: 0,
        sender: new.sender,
        client_id: new.client_id.clone(),
        body: Some(new.body.clone()),
        attachments: new.attachments.clone(),
        reply_to: new.reply_to,
        reactions: Vec::new(),
        created_at: new.created_at,
        edited_at: None,
        deleted_at: None,
    }
}

/// Lets the next batch begin when this one has ended, however it did.
struct Done {
    queue: Arc<Queue>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Done {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.queue.came.notify_one();
    }
}

/// Writes what comes, until the queue was closed and is empty, or nobody needs the database any more.
pub(super) async fn write_batches(queue: Arc<Queue>, lanes: Arc<Lanes>, database: Weak<Database>) {
    let under_way = Arc::new(Semaphore::new(UNDER_WAY));
    while let Ok(permit) = Arc::clone(&under_way).acquire_owned().await {
        // But for this one, whose permit is taken already.
        let others = || UNDER_WAY - 1 - under_way.available_permits();
        let Some(groups) = queue.next(&lanes, others).await else { return };
        let Some(database) = database.upgrade() else { return };
        let done = Done { queue: Arc::clone(&queue), permit: Some(permit) };
        tokio::spawn(async move {
            batch::write(&database, groups).await;
            drop(done);
        });
    }
}
