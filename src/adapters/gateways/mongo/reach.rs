//! Whether the server can be reached, asked every second: when it cannot, whatever wants to use it is told at once,
//! instead of waiting one after the other for what will not come.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use mongodb::{
    bson::{Document, doc},
    options::{Acknowledgment, WriteConcern},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Database, connect::Clients, errors::Failure, schema::SCHEMA};
use crate::domain::{
    error::{DomainError, Result},
    interfaces::health::Health,
};

/// Operations that may be under way or wait. Far more than a healthy server lets come together, and few enough for the
/// memory when it is not healthy.
pub(super) const PLACES: usize = 4096;

const EVERY: Duration = Duration::from_secs(1);

/// An election among healthy members takes less.
const SILENCE: Duration = Duration::from_secs(3);

/// What is known of the server.
pub(super) struct Reach {
    places: Semaphore,
    state: Mutex<State>,
}

struct State {
    /// Why nothing is asked of the server; `None` while it answers.
    lost: Option<Arc<str>>,
    /// Why it takes no writes, though it answers.
    mute: Option<Arc<str>>,
    /// Since when it has not answered.
    silent: Option<Instant>,
    closed: bool,
}

impl Default for Reach {
    fn default() -> Self {
        let lost = Some("MongoDB was not reached yet, or is being prepared".into());
        let state = Mutex::new(State { lost, mute: None, silent: None, closed: false });
        Self { places: Semaphore::new(PLACES), state }
    }
}

impl Reach {
    /// A place among those who use the server.
    ///
    /// # Errors
    /// `Unavailable`: it is not reached, or too much waits for it.
    pub(super) fn enter(&self) -> Result<SemaphorePermit<'_>> {
        if let Some(cause) = &self.state().lost {
            return Err(DomainError::unavailable(cause.to_string()));
        }
        self.places.try_acquire().map_err(|_| DomainError::unavailable("too much waits for the database"))
    }

    /// It does what it is to do.
    pub(super) fn found(&self) {
        let mut state = self.state();
        state.silent = None;
        if state.closed {
            return;
        }
        if state.lost.take().is_some() {
            tracing::info!("MongoDB is reached");
        }
    }

    /// It could not be used at the start.
    pub(super) fn missing(&self, cause: &str) {
        let mut state = self.state();
        if !state.closed {
            state.lost = Some(cause.into());
        }
    }

    /// It has not answered since `since`.
    pub(super) fn silent(&self, since: Instant, cause: &str) {
        let mut state = self.state();
        let since = *state.silent.get_or_insert(since);
        if since.elapsed() < SILENCE {
            return;
        }
        if state.lost.is_none() {
            tracing::warn!(cause, "MongoDB is not reached any more; whoever asks is told to try again");
        }
        if !state.closed {
            state.lost = Some(format!("MongoDB is not reached: {cause}").into());
        }
    }

    /// Whether it takes writes, or why not.
    fn writes(&self, outcome: Result<(), String>) {
        let mut state = self.state();
        match (&state.mute, &outcome) {
            (None, Err(cause)) => tracing::warn!(cause, "MongoDB takes no writes"),
            (Some(_), Ok(())) => tracing::info!("MongoDB takes writes again"),
            (None, Ok(())) | (Some(_), Err(_)) => {}
        }
        state.mute = outcome.err().map(|cause| format!("MongoDB takes no writes: {cause}").into());
    }

    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.lost = Some("the database was closed".into());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the server until the database is closed or nobody uses it any more.
pub(super) async fn watch(database: Weak<Database>) {
    loop {
        let Some(database) = database.upgrade() else { return };
        let Some(clients) = database.clients.get().filter(|_| !database.reach.state().closed) else { return };
        look(&database.reach, clients).await;
        // One that comes back is to be found soon.
        let pause = if database.reach.state().silent.is_some() { EVERY / 4 } else { EVERY };
        drop(database);
        tokio::time::sleep(pause).await;
    }
}

async fn look(reach: &Reach, clients: &Clients) {
    let start = Instant::now();
    match soon(clients.watch.run_command(doc! { "ping": 1 })).await {
        Ok(_) => {
            reach.found();
            reach.writes(takes_writes(clients).await.map_err(|failure| failure.to_string()));
        }
        Err(failure) => reach.silent(start, &failure.to_string()),
    }
}

/// An update that changes nothing: only a primary takes it, and it is acknowledged when everything written before has
/// reached a majority, without any trace.
///
/// # Errors
/// When it does not in time.
pub(super) async fn takes_writes(clients: &Clients) -> Result<(), Failure> {
    let concern =
        WriteConcern::builder().w(Acknowledgment::Majority).journal(true).w_timeout(SILENCE).build();
    let schema = clients.watch.collection::<Document>(SCHEMA);
    let nothing = schema
        .update_one(doc! { "_id": "nothing" }, doc! { "$set": { "version": 0 } })
        .write_concern(concern);
    soon(nothing).await.map(drop)
}

async fn soon<T>(
    operation: impl IntoFuture<Output = Result<T, mongodb::error::Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(SILENCE, operation.into_future()).await {
        Ok(outcome) => outcome.map_err(Failure::Driver),
        Err(_) => Err(Failure::TooLate),
    }
}

/// Whether the server takes writes, as it was seen at most a few seconds ago.
#[derive(Clone)]
pub struct MongoHealth(pub(super) Arc<Database>);

#[async_trait]
impl Health for MongoHealth {
    async fn ready(&self) -> Result<()> {
        self.0.ready()?;
        match &self.0.reach.state().mute {
            Some(cause) => Err(DomainError::unavailable(cause.to_string())),
            None => Ok(()),
        }
    }
}
