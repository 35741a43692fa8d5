//! Changes of a conversation as a whole, and how queries get at the database.

use std::{future::Future, sync::Arc};

use futures_util::future::BoxFuture;
use mongodb::options::SessionOptions;

use super::{
    Database,
    connect::Topology,
    conversations,
    errors::{Failure, timely, within},
    lanes::Head,
    reads::Reads,
    transaction::Transaction,
};
use crate::domain::{
    entities::{change::Change, ids::ConversationId},
    error::{DomainError, Result},
};

/// What a transaction did to a conversation.
pub(super) struct Done<T> {
    pub answer: T,
    /// Where the conversation stands now, when the transaction knows.
    pub head: Option<Head>,
    /// What is to be told.
    pub changes: Vec<Change>,
}

impl<T> Done<T> {
    /// There was nothing to do.
    pub(super) const fn nothing(answer: T) -> Self {
        Self { answer, head: None, changes: Vec::new() }
    }

    pub(super) fn answering<U>(self, answer: U) -> Done<U> {
        Done { answer, head: self.head, changes: self.changes }
    }
}

impl Database {
    /// Does `work` in a transaction, while nobody else in this process writes to the conversation. It is done to its end, also
    /// when nobody waits for it any more.
    ///
    /// # Errors
    /// Those of [`Database::transaction`].
    pub(super) async fn change<T, F>(self: &Arc<Self>, id: ConversationId, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<Done<T>, Failure>>
            + Send
            + Sync
            + 'static,
        T: Send + 'static,
    {
        let this = Arc::clone(self);
        self.to_the_end(async move {
            let turn = within(async { Ok(this.lanes.enter(id).await) }).await?;
            match this.transaction_in(Some(id), work).await {
                Ok(done) => {
                    if let Some(head) = done.head {
                        turn.ends_at(head);
                    }
                    this.tell(done.changes);
                    Ok(done.answer)
                }
                Err(error) => {
                    if matches!(error, DomainError::Unavailable { .. }) {
                        turn.forget();
                    }
                    Err(error)
                }
            }
        })
        .await
    }

    /// The same for the channel that everybody joins, which will have the id `new` when there is none yet: `work` is to
    /// end with [`members::join_general`](super::members::join_general).
    ///
    /// # Errors
    /// Those of [`Database::transaction`].
    pub(super) async fn change_general<T, F>(self: &Arc<Self>, new: ConversationId, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Transaction<'_>) -> BoxFuture<'t, Result<Done<T>, Failure>>
            + Send
            + Sync
            + 'static,
        T: Send + 'static,
    {
        // One after the other, also before there is a lane of the channel: they would only get in each other's way.
        let _door = within(async { Ok(self.door.lock().await) }).await?;
        let general = within(async { conversations::general(&mut self.reads()?).await }).await?;
        self.change(general.unwrap_or(new), work).await
    }

    /// Does `work` in a task of its own: whoever asked for it may go away, and what it wrote is told all the same.
    pub(super) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.ready()?;
        tokio::spawn(work).await.unwrap_or_else(|error| Err(DomainError::internal(error)))
    }

    /// Puts changes into the feed, where no change stream does.
    pub(super) fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        if self.topology.get() == Some(&Topology::Standalone) {
            self.teller.tell(changes);
        }
    }

    /// The same for one change, which is not made where it is not needed.
    pub(super) fn tell_with(&self, change: impl FnOnce() -> Change) {
        if self.topology.get() == Some(&Topology::Standalone) {
            self.teller.tell([change()]);
        }
    }

    /// Queries, each of which sees the newest.
    pub(super) fn reads(&self) -> Result<Reads<'_>> {
        Ok(Reads::new(self.ready()?.0, None))
    }

    /// Queries that all see the same moment, where the server can do that.
    pub(super) async fn moment(&self) -> Result<Reads<'_>> {
        let (access, topology) = self.ready()?;
        if topology == Topology::Standalone {
            return Ok(Reads::new(access, None));
        }
        let options = SessionOptions::builder().snapshot(true).build();
        let session = timely(access.client.start_session().with_options(options)).await?;
        Ok(Reads::new(access, Some(session)))
    }
}
