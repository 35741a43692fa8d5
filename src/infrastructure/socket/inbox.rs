//! The commands of one socket, handled in the order in which they came.
//!
//! The library runs every event in a task of its own, which loses the order. Here an event is only put into a queue,
//! synchronously, by whoever reads the connection; one task at a time works the queue off, and none exists while it
//! is empty. Consecutive sends share a commit: each one's future is polled once, which queues its write, before the
//! next one starts, so their `seq` follows their order. Any other command waits for what came before it.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::Notify;

/// One command on its way.
pub struct Job {
    /// Bytes that it holds while it waits.
    pub size: usize,
    /// Whether it may run beside the jobs of the same kind around it.
    pub pipelined: bool,
    pub work: BoxFuture<'static, ()>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    bytes: usize,
    /// Jobs are worked off only after the socket has entered its rooms.
    open: bool,
    working: bool,
    /// The socket is gone: nothing is taken any more.
    closed: bool,
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inbox")
    }
}

pub struct Inbox {
    state: Mutex<State>,
    arrived: Notify,
    max_jobs: usize,
    max_bytes: usize,
}

/// Sends under way at once for one socket.
const PIPELINE: usize = 64;

/// So many times more refusals may wait than commands: they carry no payload.
const REFUSALS: usize = 4;

/// What another command may still do.
#[derive(Debug, PartialEq, Eq)]
pub enum Room {
    ForWork,
    /// It can only wait to be told that it was too much.
    ForRefusal,
    /// Whoever sends so much without reading the answers is cut off.
    None,
}

impl Inbox {
    /// `max_jobs` and `max_bytes` bound what waits.
    pub fn new(max_jobs: usize, max_bytes: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), arrived: Notify::new(), max_jobs, max_bytes })
    }

    /// Whether there is room for another command of `size` bytes. One always fits into an empty inbox.
    pub fn room(&self, size: usize) -> Room {
        let state = self.state();
        let waiting = state.waiting.len();
        let fits = waiting < self.max_jobs && state.bytes.saturating_add(size) <= self.max_bytes;
        if waiting == 0 || fits {
            Room::ForWork
        } else if waiting < self.max_jobs.saturating_mul(REFUSALS) {
            Room::ForRefusal
        } else {
            Room::None
        }
    }

    pub fn push(self: &Arc<Self>, job: Job) {
        let mut state = self.state();
        if state.closed {
            return;
        }
        state.bytes += job.size;
        state.waiting.push_back(job);
        self.start(state);
        self.arrived.notify_one();
    }

    /// Begins to work off what waits.
    pub fn open(self: &Arc<Self>) {
        let mut state = self.state();
        state.open = true;
        self.start(state);
    }

    /// The client has gone. What had arrived is still done; what could never begin is dropped, since a job holds its
    /// socket, and the socket its inbox.
    pub fn end(&self) {
        if !self.state().open {
            self.close();
        }
    }

    /// Drops what waits, and takes nothing more.
    pub fn close(&self) {
        let waiting = {
            let mut state = self.state();
            state.closed = true;
            state.bytes = 0;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
    }

    fn start(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if state.open && !state.working && !state.waiting.is_empty() {
            state.working = true;
            tokio::spawn(Arc::clone(self).work());
        }
    }

    async fn work(self: Arc<Self>) {
        let mut running = FuturesUnordered::new();
        loop {
            let next = self.take(running.len());
            match next {
                Next::Job(job) if job.pipelined => {
                    let mut work = guarded(job.work);
                    if futures_util::poll!(&mut work).is_pending() {
                        running.push(work);
                    }
                }
                Next::Job(job) => {
                    while running.next().await.is_some() {}
                    guarded(job.work).await;
                }
                Next::Wait => {
                    tokio::select! {
                        _ = running.next() => {}
                        () = self.arrived.notified() => {}
                    }
                }
                Next::Finish => {
                    running.next().await;
                }
                Next::Stop => return,
            }
        }
    }

    /// What the worker does next. Stopping and starting are decided under one lock, so that no job is left behind.
    fn take(&self, running: usize) -> Next {
        let mut state = self.state();
        if running >= PIPELINE {
            return Next::Finish;
        }
        match state.waiting.pop_front() {
            Some(job) => {
                state.bytes = state.bytes.saturating_sub(job.size);
                Next::Job(job)
            }
            None if running > 0 => Next::Wait,
            None => {
                state.working = false;
                Next::Stop
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Next {
    Job(Job),
    /// For a job or for a running one to end.
    Wait,
    /// For a running one to end.
    Finish,
    Stop,
}

/// A panic ends one command, not the socket.
fn guarded(work: BoxFuture<'static, ()>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if AssertUnwindSafe(work).catch_unwind().await.is_err() {
            tracing::error!("a command panicked");
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn log() -> Arc<Mutex<Vec<String>>> {
        Arc::default()
    }

    fn job(log: &Arc<Mutex<Vec<String>>>, name: &str, pipelined: bool, millis: u64) -> Job {
        let (log, name) = (Arc::clone(log), name.to_owned());
        let work = Box::pin(async move {
            log.lock().unwrap().push(format!("{name} starts"));
            tokio::time::sleep(Duration::from_millis(millis)).await;
            log.lock().unwrap().push(format!("{name} ends"));
        });
        Job { size: 1, pipelined, work }
    }

    async fn idle(inbox: &Inbox) {
        while inbox.state().working {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn sends_overlap_in_order_and_other_commands_wait() {
        let (log, inbox) = (log(), Inbox::new(10, 10));
        for (name, pipelined, millis) in
            [("a", true, 30), ("b", true, 10), ("list", false, 5), ("c", true, 1)]
        {
            inbox.push(job(&log, name, pipelined, millis));
        }
        assert!(log.lock().unwrap().is_empty(), "nothing runs before the socket is in its rooms");
        inbox.open();
        idle(&inbox).await;
        let expected =
            ["a starts", "b starts", "b ends", "a ends", "list starts", "list ends", "c starts", "c ends"];
        assert_eq!(*log.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn a_panic_ends_one_command_only() {
        let (log, inbox) = (log(), Inbox::new(10, 10));
        inbox.open();
        for pipelined in [true, false] {
            inbox.push(Job { size: 1, pipelined, work: Box::pin(async { panic!("planted") }) });
        }
        inbox.push(job(&log, "after", false, 0));
        idle(&inbox).await;
        assert_eq!(*log.lock().unwrap(), ["after starts", "after ends"]);
    }

    #[tokio::test]
    async fn what_waits_is_bounded_by_number_and_by_bytes() {
        let (log, inbox) = (log(), Inbox::new(2, 10));
        assert_eq!(inbox.room(1_000), Room::ForWork, "one always fits");
        inbox.push(job(&log, "a", true, 0));
        assert_eq!((inbox.room(9), inbox.room(10)), (Room::ForWork, Room::ForRefusal));
        inbox.push(job(&log, "b", true, 0));
        assert_eq!(inbox.room(1), Room::ForRefusal);
        for _ in 2..2 * REFUSALS {
            inbox.push(job(&log, "refusal", true, 0));
        }
        assert_eq!(inbox.room(1), Room::None);
        inbox.open();
        idle(&inbox).await;
        assert_eq!(inbox.room(10), Room::ForWork);
    }

    #[tokio::test]
    async fn a_closed_inbox_holds_nothing() {
        let (log, inbox) = (log(), Inbox::new(10, 10));
        inbox.push(job(&log, "before", true, 0));
        assert_eq!(Arc::strong_count(&log), 2, "the job holds what it needs");
        inbox.close();
        inbox.push(job(&log, "after", true, 0));
        assert_eq!(Arc::strong_count(&log), 1);
    }
}
