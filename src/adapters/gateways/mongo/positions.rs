//! How far people have read, and of what they want to hear. What they have sent themselves they have read, which is not
//! written down.

use std::{collections::BTreeMap, sync::Arc};

use mongodb::{
    bson::{Bson, Document, doc},
    options::FindOptions,
};
use serde::Deserialize;

use super::{
    Database,
    errors::{Failure, timely},
    members::key,
    reads::Reads,
    rows::{self, StoredMember},
    schema::{CONVERSATIONS, MEMBERS, MESSAGES},
    values::{Id, Key, int},
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::ConversationView,
        ids::{ConversationId, UserId},
    },
    error::Result,
};

/// How far each member has read; `None` when there is no such conversation.
pub(super) async fn all(
    reads: &mut Reads<'_>,
    id: ConversationId,
) -> Result<Option<Vec<(UserId, u64)>>, Failure> {
    #[derive(Deserialize)]
    struct Sent {
        #[serde(rename = "_id")]
        sender: Key<UserId>,
        seq: u64,
    }
    let only = FindOptions::builder().projection(doc! { "_id": 1 }).build();
    if reads.find(CONVERSATIONS, doc! { "_id": id.bson() }, Some(only)).await?.is_empty() {
        return Ok(None);
    }
    let mut positions = BTreeMap::new();
    for document in reads.find(MEMBERS, doc! { "_id.conversation": id.bson() }, None).await? {
        let member: StoredMember = rows::read(&document)?;
        positions.insert(member.key.user.0, member.read.seq);
    }
    let members: Vec<Bson> = positions.keys().map(|user| user.bson()).collect();
    let newest = vec![
        doc! { "$match": { "conversation": id.bson(), "sender": { "$in": members } } },
        doc! { "$sort": { "conversation": 1, "sender": 1, "seq": -1 } },
        doc! { "$group": { "_id": "$sender", "seq": { "$first": "$seq" } } },
    ];
    for document in reads.aggregate(MESSAGES, newest).await? {
        let Sent { sender, seq } = rows::read(&document)?;
        if let Some(position) = positions.get_mut(&sender.0) {
            *position = seq.max(*position);
        }
    }
    Ok(Some(positions.into_iter().collect()))
}

/// Moves a reader's position forward, and tells it when it moved.
pub(super) async fn read_to(
    database: &Arc<Database>,
    id: ConversationId,
    user: UserId,
    seq: u64,
    told: bool,
) -> Result<()> {
    let this = Arc::clone(database);
    let work = async move {
        let members = this.ready()?.0.collection::<Document>(MEMBERS);
        let filter = doc! { "_id": key(id, user), "read.seq": { "$lt": int(seq) } };
        let update = doc! { "$set": { "read": { "seq": int(seq), "told": told } } };
        if timely(members.update_one(filter, update)).await?.modified_count > 0 {
            this.tell([Change::Read { conversation: id, user, seq, told }]);
        }
        Ok(())
    };
    database.to_the_end(work).await
}

/// Tells it when it was not so before. Answers the view afterwards.
pub(super) async fn mute(
    database: &Arc<Database>,
    view: ConversationView,
    user: UserId,
    muted: bool,
) -> Result<ConversationView> {
    let id = view.conversation.id;
    let this = Arc::clone(database);
    let work = async move {
        let members = this.ready()?.0.collection::<Document>(MEMBERS);
        let filter = doc! { "_id": key(id, user), "muted": { "$ne": muted } };
        let update = doc! { "$set": { "muted": muted } };
        if timely(members.update_one(filter, update)).await?.modified_count > 0 {
            this.tell([Change::Muted { conversation: id, user, muted }]);
        }
        Ok(())
    };
    database.to_the_end(work).await?;
    Ok(ConversationView { muted, ..view })
}
