//! Several writes that happen all or not at all.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use mongodb::{
    ClientSession,
    bson::{Document, doc},
    error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT},
    options::{Acknowledgment, ReadConcern, TransactionOptions, WriteConcern},
};
use serde::Serialize;

use super::{
    Access, Database,
    connect::Topology,
    errors::{Failure, within},
    reads::Reads,
    schema::{CONVERSATIONS_DIRECT, CONVERSATIONS_GENERAL, MESSAGES, MESSAGES_BY_REVS, MESSAGES_BY_SEQ},
    values::{Id, int},
    views,
};
use crate::domain::{entities::ids::ConversationId, error::Result};

/// How long a transaction that others get in the way of is tried again.
const DEADLINE: Duration = Duration::from_secs(6);

/// Indexes that refuse what somebody else was faster with: the same again is right, for it finds that then.
const RACES: [&str; 4] = [MESSAGES_BY_REVS, MESSAGES_BY_SEQ, CONVERSATIONS_GENERAL, CONVERSATIONS_DIRECT];

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
        self.transaction_in(None, work).await
    }

    /// The same, where `work` may take the next `rev` of this conversation: from its beginning nobody else can, or many who write
    /// there would always be faster.
    ///
    /// # Errors
    /// Those of [`Database::transaction`].
    pub(super) async fn transaction_in<T, F>(&self, place: Option<ConversationId>, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T, Failure>> + Send + Sync,
        T: Send,
    {
        let (access, topology) = self.ready()?;
        // The whole of it: a server that falls silent in the middle is not waited for step by step.
        Ok(within(self.attempts(&access, topology, place, &work)).await?)
    }

    async fn attempts<T, F>(
        &self,
        access: &Access<'_>,
        topology: Topology,
        place: Option<ConversationId>,
        work: &F,
    ) -> Result<T, Failure>
    where
        F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T, Failure>> + Send + Sync,
        T: Send,
    {
        let start = Instant::now();
        let mut attempts = 0;
        loop {
            let outcome = match topology {
                Topology::ReplicaSet => attempt(access, place, work).await,
                Topology::Standalone => {
                    let _alone = self.alone.lock().await;
                    work(&mut Transaction { reads: Reads::of(access, None) }).await
                }
            };
            match outcome {
                Err(failure) if again(&failure) && start.elapsed() < DEADLINE => {
                    attempts += 1;
                    tokio::time::sleep(pause(attempts)).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// A session that is dropped in the middle of its transaction aborts it by itself.
async fn attempt<T, F>(access: &Access<'_>, place: Option<ConversationId>, work: &F) -> Result<T, Failure>
where
    F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<T, Failure>> + Send + Sync,
    T: Send,
{
    let next = match place {
        Some(id) => {
            views::heads(&mut Reads::of(access, None), &[id]).await?.get(&id).map(|head| (id, head.rev + 1))
        }
        None => None,
    };
    let mut session = access.client.start_session().await?;
    // The options of the database do not count in a transaction.
    let write = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
    let options =
        TransactionOptions::builder().read_concern(ReadConcern::snapshot()).write_concern(write).build();
    session.start_transaction().with_options(options).await?;
    let mut transaction = Transaction { reads: Reads::of(access, Some(session)) };
    if let Some((id, rev)) = next {
        transaction.reserve(id, rev).await?;
    }
    let done = work(&mut transaction).await?;
    if let Some((id, rev)) = next {
        transaction.release(id, rev).await?;
    }
    if let Some(mut session) = transaction.reads.session {
        commit(&mut session).await?;
    }
    Ok(done)
}

async fn commit(session: &mut ClientSession) -> Result<(), Failure> {
    let mut attempts = 0;
    loop {
        match session.commit_transaction().await.map_err(Failure::Driver) {
            // Not known whether it was done, and harmless to say again.
            Err(failure) if failure.has_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                attempts += 1;
                tokio::time::sleep(pause(attempts)).await;
            }
            outcome => return outcome,
        }
    }
}

fn again(failure: &Failure) -> bool {
    failure.has_label(TRANSIENT_TRANSACTION_ERROR)
        || RACES.iter().any(|index| failure.is_duplicate(Some(index)))
}

/// The number of lost races after which the pauses do not grow any more, for a single write: longer ones would only let the
/// others win.
pub(super) const MOST_RACES: u32 = 3;

/// Random, so that two that collided do not collide again: up to 2, 4, 8 … 64 ms.
pub(super) fn pause(attempt: u32) -> Duration {
    let most = 2_000_u64 << attempt.saturating_sub(1).min(5);
    // Each has other keys.
    let random = RandomState::new().build_hasher().finish();
    Duration::from_micros(random % most)
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

    /// Takes a `rev` before the transaction sees anything, so that it sees all that came before.
    async fn reserve(&mut self, id: ConversationId, rev: u64) -> Result<(), Error> {
        let marker = doc! { "_id": id.bson(), "deleted": { "$exists": false } };
        self.update_one(MESSAGES, marker, doc! { "$push": { "revs": int(rev) } }).await.map(drop)
    }

    /// Gives it back, unless it was used.
    async fn release(&mut self, id: ConversationId, rev: u64) -> Result<(), Error> {
        let unused = doc! { "_id": id.bson(), "rev": { "$lt": int(rev) }, "revs": int(rev) };
        self.update_one(MESSAGES, unused, doc! { "$pull": { "revs": int(rev) } }).await.map(drop)
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
