//! Several writes that happen all or not at all.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use mongodb::{
    ClientSession, Database as Db,
    bson::Document,
    error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT},
    options::{Acknowledgment, ReadConcern, TransactionOptions, WriteConcern},
};
use serde::Serialize;

use super::{
    Database,
    connect::Topology,
    errors::{Failure, timely, within},
    reads::Reads,
    schema::{CONVERSATIONS_DIRECT, CONVERSATIONS_GENERAL, MESSAGES_BY_REV, MESSAGES_BY_SEQ},
};
use crate::domain::error::Result;

/// How long a transaction that others get in the way of is tried again.
const DEADLINE: Duration = Duration::from_secs(6);

/// Indexes that refuse what somebody else was faster with: the same again is right, for it finds that then.
const RACES: [&str; 4] = [MESSAGES_BY_REV, MESSAGES_BY_SEQ, CONVERSATIONS_GENERAL, CONVERSATIONS_DIRECT];

/// What a transaction works with. On a standalone server there are no transactions; there it stands for plain
/// operations, one such series at a time.
pub(super) struct Transaction<'a> {
    reads: Reads<'a>,
}

impl Database {
    /// Does `work` in a transaction, again from the beginning while others get in its way. What may be refused because another
    /// node took the same `rev` comes first in `work`: a standalone server undoes nothing.
    ///
    /// # Errors
    /// Those of `work`; `Unavailable`, also when it is not known whether it was done.
    pub(super) async fn transaction<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T, Failure>> + Send + Sync,
        T: Send,
    {
        let (db, topology) = self.ready()?;
        let start = Instant::now();
        let mut attempt = 0;
        loop {
            let outcome = match topology {
                Topology::ReplicaSet => self.attempt(db, &work).await,
                Topology::Standalone => {
                    let _alone = self.alone.lock().await;
                    within(work(&mut Transaction { reads: Reads::plain(db) })).await
                }
            };
            match outcome {
                Ok(done) => return Ok(done),
                Err(failure) if again(&failure) && start.elapsed() < DEADLINE => {
                    attempt += 1;
                    tokio::time::sleep(pause(attempt)).await;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    async fn attempt<T, F>(&self, db: &Db, work: &F) -> Result<T, Failure>
    where
        F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T, Failure>> + Send + Sync,
        T: Send,
    {
        let mut session = timely(self.client.start_session()).await?;
        // The options of the database do not count in a transaction.
        let write = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
        let options =
            TransactionOptions::builder().read_concern(ReadConcern::snapshot()).write_concern(write).build();
        timely(session.start_transaction().with_options(options)).await?;
        let mut transaction = Transaction { reads: Reads { db, session: Some(session) } };
        let outcome = within(work(&mut transaction)).await;
        let Some(mut session) = transaction.reads.session else { return outcome };
        match outcome {
            Ok(done) => {
                commit(&mut session).await?;
                Ok(done)
            }
            Err(failure) => {
                if let Err(error) = timely(session.abort_transaction()).await {
                    tracing::debug!(
                        ?error,
                        "a transaction was not aborted; the server does it after a while"
                    );
                }
                Err(failure)
            }
        }
    }
}

async fn commit(session: &mut ClientSession) -> Result<(), Failure> {
    let start = Instant::now();
    loop {
        match timely(session.commit_transaction()).await {
            Err(failure)
                if failure.has_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) && start.elapsed() < DEADLINE => {}
            other => return other,
        }
    }
}

fn again(failure: &Failure) -> bool {
    failure.has_label(TRANSIENT_TRANSACTION_ERROR)
        || RACES.iter().any(|index| failure.is_duplicate(Some(index)))
}

/// Random, so that two that collided do not collide again: up to 2, 4, 8 … 64 ms.
pub(super) fn pause(attempt: u32) -> Duration {
    let most = 2_000_u64 << attempt.saturating_sub(1).min(5);
    Duration::from_micros(RandomState::new().hash_one(attempt) % most)
}

/// The operations that transactions here are made of.
impl<'a> Transaction<'a> {
    /// For queries that are asked outside of transactions too.
    pub(super) const fn reads(&mut self) -> &mut Reads<'a> {
        &mut self.reads
    }

    pub(super) async fn find_one(
        &mut self,
        collection: &str,
        filter: Document,
    ) -> Result<Option<Document>, Error> {
        let collection = self.reads.db.collection::<Document>(collection);
        match &mut self.reads.session {
            Some(session) => collection.find_one(filter).session(session).await,
            None => collection.find_one(filter).await,
        }
    }

    pub(super) async fn insert_many<T>(&mut self, collection: &str, new: Vec<T>) -> Result<(), Error>
    where
        T: Serialize + Send + Sync,
    {
        if new.is_empty() {
            return Ok(());
        }
        let collection = self.reads.db.collection::<T>(collection);
        let insert = collection.insert_many(new);
        match &mut self.reads.session {
            Some(session) => insert.session(session).await,
            None => insert.await,
        }
        .map(drop)
    }

    /// Whether there was anything that `filter` fits.
    pub(super) async fn update_one(
        &mut self,
        collection: &str,
        filter: Document,
        update: Document,
    ) -> Result<bool, Error> {
        let collection = self.reads.db.collection::<Document>(collection);
        let update = collection.update_one(filter, update);
        let outcome = match &mut self.reads.session {
            Some(session) => update.session(session).await,
            None => update.await,
        };
        Ok(outcome?.matched_count > 0)
    }

    /// Whether there was anything that `filter` fits.
    pub(super) async fn replace_one<T>(
        &mut self,
        collection: &str,
        filter: Document,
        new: &T,
    ) -> Result<bool, Error>
    where
        T: Serialize + Send + Sync,
    {
        let collection = self.reads.db.collection::<T>(collection);
        let replace = collection.replace_one(filter, new);
        let outcome = match &mut self.reads.session {
            Some(session) => replace.session(session).await,
            None => replace.await,
        };
        Ok(outcome?.matched_count > 0)
    }

    /// How many there were.
    pub(super) async fn delete_many(&mut self, collection: &str, filter: Document) -> Result<u64, Error> {
        let collection = self.reads.db.collection::<Document>(collection);
        let delete = collection.delete_many(filter);
        let outcome = match &mut self.reads.session {
            Some(session) => delete.session(session).await,
            None => delete.await,
        };
        Ok(outcome?.deleted_count)
    }
}
