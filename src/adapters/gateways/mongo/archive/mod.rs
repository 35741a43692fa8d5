//! A database as a whole, read and filled by a program that is no node.

use std::{future::IntoFuture, time::Duration};

use mongodb::{
    Database as Db,
    bson::{Bson, Document, doc},
    error::Error,
};

use super::{
    connect::{self, Clients, OpenError, Topology, reason},
    errors::{Failure, timely},
    nodes, schema,
    values::Fields,
};
use crate::domain::{
    error::{DomainError, Result},
    interfaces::node_registry::NODE_LIFE,
};

mod source;
mod target;

pub use source::MongoSource;
pub use target::MongoTarget;

/// In the collection of the schema, as long as the database is being filled.
const UNFINISHED: &str = "unfinishedImport";

/// Nobody waits for an answer, and many documents take their time.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often those who use the database are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// The server keeps moments of the past for a while only (SnapshotTooOld).
const TOO_OLD: i32 = 239;

async fn mark(db: &Db) -> Result<Option<Document>, Failure> {
    timely(db.collection(schema::SCHEMA).find_one(doc! { "_id": UNFINISHED })).await
}

/// What the database is being filled from, as long as that is not finished.
pub(super) async fn unfinished(db: &Db) -> Result<Option<String>, Failure> {
    let mark = mark(db).await?;
    Ok(mark.map(|mark| mark.text("origin").map(str::to_owned)).transpose()?)
}

async fn reach(url: &str) -> Result<(Clients, Topology), OpenError> {
    connect::check(url)?;
    let clients = connect::clients(url).await?;
    let topology = connect::greet(&clients).await?;
    Ok((clients, topology))
}

/// Waits until no server uses the database any more; one that was killed is taken for alive for a while.
async fn alone(db: &Db) -> Result<(), OpenError> {
    let mut patience = NODE_LIFE + LOOK;
    loop {
        let alive = nodes::alive(db).await.map_err(|failure| schema::failed(db, failure))?;
        if alive.is_empty() {
            return Ok(());
        }
        if patience.is_zero() {
            return Err(OpenError::InUse { database: db.name().to_owned(), servers: alive.len() });
        }
        tokio::time::sleep(LOOK).await;
        patience = patience.saturating_sub(LOOK);
    }
}

/// Waits for long work, but not for ever.
async fn patient<T, E: Into<Failure>>(work: impl IntoFuture<Output = Result<T, E>>) -> Result<T> {
    match tokio::time::timeout(PATIENCE, work.into_future()).await {
        Ok(outcome) => outcome.map_err(|error| told(error.into())),
        Err(_) => Err(told(Failure::TooLate)),
    }
}

/// The same for what may be done more than once: it is tried again while that can help, as over an election.
async fn insistent<T, F: IntoFuture<Output = Result<T, Error>>>(mut work: impl FnMut() -> F) -> Result<T> {
    patient(async {
        loop {
            match work().await {
                Err(error) if super::errors::passes(&error) => tokio::time::sleep(LOOK).await,
                outcome => return outcome,
            }
        }
    })
    .await
}

/// In words for whoever moves data: on one line, and with the remedy where there is one.
fn told(failure: Failure) -> DomainError {
    match &failure {
        _ if failure.code() == Some(TOO_OLD) => DomainError::unavailable(
            "the MongoDB server does not keep one moment for so long: stop the servers meanwhile, or raise \
             minSnapshotHistoryWindowInSeconds on it",
        ),
        Failure::Driver(error) if super::errors::passes(error) => DomainError::unavailable(reason(error)),
        Failure::Driver(error) => DomainError::internal(reason(error)),
        Failure::TooLate | Failure::Refused(_) => failure.into(),
    }
}

/// Sorts before each other value of its type.
fn least() -> Bson {
    Bson::from(mongodb::bson::Uuid::from_bytes([0; 16]))
}
