//! Getting the database ready while the server serves already: it is asked, and answers what it can.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use super::{Connection, StorageError};

/// How long the start waits for the first try.
const MOMENT: Duration = Duration::from_secs(5);

/// How often a server is tried that cannot be reached.
const EVERY: Duration = Duration::from_secs(2);

/// Goes on in the background, until it is done or dropped.
pub struct Preparation(Option<JoinHandle<Result<(), StorageError>>>);

impl Preparation {
    /// Tries once, for a moment. What was not done then is left to [`Preparation::failure`].
    ///
    /// # Errors
    /// What waiting cannot help, if it is known by then.
    pub async fn start(connection: Connection) -> Result<Self, StorageError> {
        let start = Instant::now();
        match tokio::time::timeout(MOMENT, attempt(&connection)).await {
            Ok(ControlFlow::Break(outcome)) => outcome.map(|()| Self(None)),
            Ok(ControlFlow::Continue(())) | Err(_) => Ok(Self(Some(tokio::spawn(go_on(connection, start))))),
        }
    }

    /// Ends when waiting cannot help, and never when all is well.
    pub async fn failure(mut self) -> StorageError {
        let outcome = match &mut self.0 {
            Some(task) => task.await,
            None => Ok(Ok(())),
        };
        match outcome {
            Ok(Ok(())) => std::future::pending().await,
            Ok(Err(error)) => error,
            Err(error) => StorageError::Unfinished(error.to_string()),
        }
    }
}

impl Drop for Preparation {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

async fn go_on(connection: Connection, mut last: Instant) -> Result<(), StorageError> {
    loop {
        tokio::time::sleep(EVERY.saturating_sub(last.elapsed())).await;
        last = Instant::now();
        if let ControlFlow::Break(outcome) = attempt(&connection).await {
            return outcome;
        }
    }
}

/// One try; with a line in the log when another one is worth while.
async fn attempt(connection: &Connection) -> ControlFlow<Result<(), StorageError>> {
    match connection.prepare().await {
        Err(error) if error.passes() => {
            tracing::warn!("{error}; it is tried again every {} s", EVERY.as_secs());
            ControlFlow::Continue(())
        }
        outcome => ControlFlow::Break(outcome),
    }
}
