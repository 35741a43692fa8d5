//! The one thread that writes. It takes what waits into one transaction, so that many writes share one `fsync`, and
//! answers a write only after the commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread::JoinHandle,
};

use rusqlite::Connection;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use crate::domain::{
    entities::change::Change,
    error::{DomainError, Result},
};

/// How many operations share one transaction at most: enough to make an `fsync` cheap for each, few enough to keep
/// the first one from waiting long.
const MAX_BATCH: usize = 256;

/// What an operation works with. All it writes is undone when it answers an error.
pub(super) struct Batch<'c> {
    pub conn: &'c Connection,
    changes: Vec<Change>,
    indexing: Vec<Indexing>,
}

/// A change of the search index. FTS5 writes what it has collected to the database at every savepoint; so that one
/// transaction costs one such write, the index follows at its end, after the last savepoint.
enum Indexing {
    Put { pk: i64, tokens: String },
    Remove { pk: i64 },
}

impl Batch<'_> {
    /// Puts a change into the feed, once the transaction is durable.
    pub fn publish(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Makes a message findable by `tokens` (separated by blanks) and by nothing else.
    pub fn index(&mut self, pk: i64, tokens: String) {
        self.indexing.push(Indexing::Put { pk, tokens });
    }

    /// Makes a message unfindable.
    pub fn unindex(&mut self, pk: i64) {
        self.indexing.push(Indexing::Remove { pk });
    }

    fn write_index(&self) -> rusqlite::Result<()> {
        let mut put =
            self.conn.prepare_cached("INSERT OR REPLACE INTO search (rowid, tokens) VALUES (?, ?)")?;
        let mut remove = self.conn.prepare_cached("DELETE FROM search WHERE rowid = ?")?;
        for change in &self.indexing {
            match change {
                Indexing::Put { pk, tokens } => put.execute((pk, tokens))?,
                Indexing::Remove { pk } => remove.execute((pk,))?,
            };
        }
        Ok(())
    }
}

trait Operation: Send {
    /// Does the work and keeps the answer; whether its writes stay.
    fn run(&mut self, batch: &mut Batch<'_>) -> bool;

    /// Answers: with what `run` kept, or, when the batch was lost, with the reason.
    fn finish(self: Box<Self>, lost: Option<&str>);
}

struct Job<T, F> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> Operation for Job<T, F>
where
    T: Send,
    F: FnOnce(&mut Batch<'_>) -> Result<T> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(batch)))
            .unwrap_or_else(|_| Err(DomainError::internal("an operation on the database panicked")));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn finish(self: Box<Self>, lost: Option<&str>) {
        let outcome = match (lost, self.outcome) {
            (None, Some(outcome)) => outcome,
            (Some(reason), _) => Err(DomainError::unavailable(reason)),
            (None, None) => Err(DomainError::internal("an operation on the database was not run")),
        };
        // Who asked may have gone away; what was committed stays committed.
        drop(self.answer.send(outcome));
    }
}

enum Message {
    Run(Box<dyn Operation>),
    Close,
}

/// The way to the writing thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. `waiting` operations may wait for it; `keep` is dropped when it ends.
    pub fn start(
        conn: Connection,
        waiting: usize,
        feed: mpsc::Sender<Change>,
        keep: impl Send + 'static,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(waiting);
        let thread = std::thread::Builder::new().name("sqlite-writer".into()).spawn(move || {
            run(&conn, waiting, &feed);
            drop(feed);
            finish(conn);
            drop(keep);
        })?;
        Ok(Self { queue, thread: std::sync::Mutex::new(Some(thread)) })
    }

    /// Queues `work` when it is first polled, and answers when what it did is durable.
    ///
    /// # Errors
    /// What `work` answers; `Unavailable` when too much waits, the database was closed or the commit failed.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Batch<'_>) -> Result<T> + Send + 'static,
    {
        metrics::counter!("chatconnect_sqlite_writes_total").increment(1);
        let (answer, outcome) = oneshot::channel();
        let job = Box::new(Job { work: Some(work), outcome: None, answer });
        self.queue.try_send(Message::Run(job)).map_err(|error| match error {
            TrySendError::Full(_) => DomainError::unavailable("too many writes wait for the database"),
            TrySendError::Closed(_) => closed(),
        })?;
        outcome.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Lets the thread finish what waits and end. Later writes are refused.
    pub async fn close(&self) {
        // An error means that it is closed already.
        drop(self.queue.send(Message::Close).await);
        let thread = self.thread.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // The thread catches its panics; there is nothing to learn from how it ended.
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}

fn closed() -> DomainError {
    DomainError::unavailable("the database was closed")
}

fn run(conn: &Connection, mut queue: mpsc::Receiver<Message>, feed: &mpsc::Sender<Change>) {
    let mut waiting = Vec::with_capacity(MAX_BATCH);
    while queue.blocking_recv_many(&mut waiting, MAX_BATCH) > 0 {
        let mut operations = Vec::with_capacity(waiting.len());
        for message in waiting.drain(..) {
            match message {
                Message::Run(operation) => operations.push(operation),
                // What was queued before still comes; new writes are refused from here on.
                Message::Close => queue.close(),
            }
        }
        match commit(conn, &mut operations) {
            Ok(changes) => {
                for change in changes {
                    // A feed that nobody reads any more takes nothing.
                    if feed.blocking_send(change).is_err() {
                        break;
                    }
                }
                operations.into_iter().for_each(|operation| operation.finish(None));
            }
            Err(error) => {
                if !conn.is_autocommit() {
                    // An error means that SQLite has rolled back by itself.
                    drop(conn.execute_batch("ROLLBACK"));
                }
                let reason = format!("a transaction was lost: {error}");
                operations.into_iter().for_each(|operation| operation.finish(Some(&reason)));
            }
        }
    }
}

/// Runs the operations in one transaction; the changes they made, when it is durable.
fn commit(conn: &Connection, operations: &mut [Box<dyn Operation>]) -> rusqlite::Result<Vec<Change>> {
    let execute = |sql: &str| conn.prepare_cached(sql)?.execute(()).map(drop);
    let mut batch = Batch { conn, changes: Vec::new(), indexing: Vec::new() };
    execute("BEGIN IMMEDIATE")?;
    for operation in operations {
        let (changes, indexing) = (batch.changes.len(), batch.indexing.len());
        execute("SAVEPOINT operation")?;
        if !operation.run(&mut batch) {
            batch.changes.truncate(changes);
            batch.indexing.truncate(indexing);
            // Fails, and the batch with it, when a grave error has ended the whole transaction.
            execute("ROLLBACK TO operation")?;
        }
        execute("RELEASE operation")?;
    }
    batch.write_index()?;
    execute("COMMIT")?;
    Ok(batch.changes)
}

/// Moves everything into the main file, so that it can be copied alone.
fn finish(conn: Connection) {
    // What stays in the write-ahead log is read again at the next start: a failure loses nothing.
    drop(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())));
    drop(conn.close());
}
