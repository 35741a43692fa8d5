//! Messages of conversations that were deleted go in parts, because they may be many. Until the last one is gone the marker
//! stays, so that who comes later finishes what somebody else could not.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use mongodb::{
    Database as Db,
    bson::{Document, doc},
};

use super::{
    Database,
    errors::{Failure, timely},
    schema::MESSAGES,
    values::{Fields, Id, int},
};
use crate::domain::{entities::ids::ConversationId, error::Result};

/// How many go at once.
const PART: u64 = 1_000;

/// How long a caller waits for all to be gone; after that they go on going.
const PATIENCE: Duration = Duration::from_secs(5);

/// Deletes the messages of a deleted conversation.
///
/// # Errors
/// When the database is not ready. What cannot be deleted now is deleted at the next start.
pub(super) async fn messages(database: &Arc<Database>, id: ConversationId) -> Result<()> {
    let db = database.ready()?.0.db.clone();
    let gone = tokio::spawn(async move {
        if let Err(failure) = all_of(&db, id).await {
            tracing::warn!(?failure, conversation = %id, "messages of a deleted conversation stay until the next start");
        }
    });
    // Nobody sees them any more, whether or not they are gone.
    drop(tokio::time::timeout(PATIENCE, gone).await);
    Ok(())
}

/// Finishes what was left.
pub(super) async fn finish(db: &Db) {
    let swept = async {
        let messages = db.collection::<Document>(MESSAGES);
        let left: Vec<Document> = messages.find(doc! { "deleted": true }).await?.try_collect().await?;
        for marker in left {
            all_of(db, marker.id("_id")?).await?;
        }
        Ok::<(), Failure>(())
    };
    if let Err(failure) = swept.await {
        tracing::warn!(?failure, "messages of deleted conversations stay until the next start");
    }
}

async fn all_of(db: &Db, id: ConversationId) -> Result<(), Failure> {
    let messages = db.collection::<Document>(MESSAGES);
    loop {
        // In the order of the index, a bounded part of it.
        let any = doc! { "conversation": id.bson(), "seq": { "$gt": 0 } };
        let find = messages.find_one(any).sort(doc! { "seq": 1 }).projection(doc! { "seq": 1 });
        let Some(first) = timely(find).await? else { break };
        let seq = first.number("seq")?;
        let part = doc! {
            "conversation": id.bson(),
            "seq": { "$gte": int(seq), "$lt": int(seq + PART) },
        };
        timely(messages.delete_many(part)).await?;
    }
    timely(messages.delete_one(doc! { "_id": id.bson(), "deleted": true })).await?;
    Ok(())
}
