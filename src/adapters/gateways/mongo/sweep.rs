//! Messages of conversations that were deleted go in parts, because they may be many. The marker stays a while longer, so
//! that who comes later finishes what somebody else could not, and so that who has not heard of the end yet runs into it.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use mongodb::{
    bson::{Document, doc},
    options::FindOptions,
};
use serde::Deserialize;

use super::{
    Database,
    errors::{Failure, timely},
    rows,
    schema::{MESSAGES, REPORTS},
    transaction::Transaction,
    values::{Fields, Id, int},
};
use crate::domain::{
    entities::ids::ConversationId,
    error::{DomainError, Result},
};

/// How many go at once.
const PART: u64 = 1_000;

/// Who writes believes that a conversation ended at most so many changes ago.
const BELIEVED: u64 = 2_000;

/// Longer than any write is under way.
const GRACE: Duration = Duration::from_secs(60);

/// How long a caller waits for all to be gone; after that they go on going.
const PATIENCE: Duration = Duration::from_secs(5);

/// Deletes the messages of a deleted conversation.
///
/// # Errors
/// When the database is not ready. What cannot be deleted now is deleted at the next start.
pub(super) async fn messages(database: &Arc<Database>, id: ConversationId) -> Result<()> {
    database.ready()?;
    let this = Arc::clone(database);
    let gone = tokio::spawn(async move {
        if let Err(error) = all_of(&this, id).await {
            let cause = error.cause();
            tracing::warn!(%error, ?cause, conversation = %id, "messages of a deleted conversation stay until the next start");
        }
    });
    // Nobody sees them any more, whether or not they are gone.
    drop(tokio::time::timeout(PATIENCE, gone).await);
    Ok(())
}

/// Finishes what was left.
pub(super) async fn finish(database: &Arc<Database>) {
    let swept = async {
        for id in left(database).await? {
            all_of(database, id).await?;
        }
        Ok::<(), DomainError>(())
    };
    if let Err(error) = swept.await {
        tracing::warn!(%error, cause = ?error.cause(), "messages of deleted conversations stay until the next start");
    }
}

async fn left(database: &Database) -> Result<Vec<ConversationId>> {
    let messages = database.ready()?.0.collection::<Document>(MESSAGES);
    let find = async move { messages.find(doc! { "deleted": true }).await?.try_collect().await };
    let markers: Vec<Document> = timely(find).await?;
    markers.iter().map(|marker| marker.id("_id")).collect()
}

async fn all_of(database: &Arc<Database>, id: ConversationId) -> Result<()> {
    let reports = database.ready()?.0.collection::<Document>(REPORTS);
    timely(reports.delete_many(doc! { "conversation": id.bson() })).await?;
    old_ones(database, id).await?;
    database.transaction(move |transaction| Box::pin(new_ones(transaction, id))).await?;
    let weak = Arc::downgrade(database);
    tokio::spawn(async move {
        tokio::time::sleep(GRACE).await;
        let Some(database) = weak.upgrade() else { return };
        if let Err(error) = forget(&database, id).await {
            tracing::debug!(%error, "the marker of a deleted conversation stays until the next start");
        }
    });
    Ok(())
}

/// Those whose numbers nobody takes for the end any more.
async fn old_ones(database: &Database, id: ConversationId) -> Result<()> {
    let messages = database.ready()?.0.collection::<Document>(MESSAGES);
    let marker = timely(messages.find_one(doc! { "_id": id.bson(), "deleted": true })).await?;
    let Some(marker) = marker else { return Ok(()) };
    let old = marker.number("rev")?.saturating_sub(BELIEVED);
    loop {
        // In the order of the index, a bounded part of it.
        let any = doc! { "conversation": id.bson(), "rev": { "$lt": int(old) }, "seq": { "$gt": 0 } };
        let find = messages.find_one(any).sort(doc! { "rev": 1 }).projection(doc! { "rev": 1 });
        let Some(first) = timely(find).await? else { return Ok(()) };
        let rev = first.number("rev")?;
        let part = doc! {
            "conversation": id.bson(),
            "rev": { "$gte": int(rev), "$lt": int(old.min(rev + PART)) },
            "seq": { "$gt": 0 },
        };
        timely(messages.delete_many(part)).await?;
    }
}

/// The others, whose numbers the marker takes over.
async fn new_ones(transaction: &mut Transaction<'_>, id: ConversationId) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Taken {
        revs: Vec<i64>,
    }
    let messages = doc! { "conversation": id.bson(), "seq": { "$gt": 0 } };
    let only = FindOptions::builder().projection(doc! { "revs": 1 }).build();
    let mut revs = Vec::new();
    for message in transaction.reads().find(MESSAGES, messages.clone(), Some(only)).await? {
        revs.extend(rows::read::<Taken>(&message)?.revs);
    }
    transaction.delete_many(MESSAGES, messages).await?;
    let marker = doc! { "_id": id.bson(), "deleted": true };
    transaction.update_one(MESSAGES, marker, doc! { "$push": { "revs": { "$each": revs } } }).await?;
    Ok(())
}

async fn forget(database: &Database, id: ConversationId) -> Result<()> {
    let messages = database.ready()?.0.collection::<Document>(MESSAGES);
    timely(messages.delete_one(doc! { "_id": id.bson(), "deleted": true })).await?;
    Ok(())
}
