//! How far people have read. What they have sent themselves they have read, which is not written down.

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
    rows::{self, ReadPosition, StoredMember},
    schema::{CONVERSATIONS, MEMBERS, MESSAGES},
    values::{Id, Key, int},
};
use crate::domain::{
    entities::{
        change::Change,
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

/// Moves a reader's position forward, and tells it when it moved. Takes the mark away that it is unread, if there `is_marked`
/// one.
pub(super) async fn read_to(
    database: &Arc<Database>,
    id: ConversationId,
    user: UserId,
    moved: Option<ReadPosition>,
    is_marked: bool,
) -> Result<()> {
    let (mut filter, mut set, mut changes) = (doc! { "_id": key(id, user) }, Document::new(), Vec::new());
    if let Some(ReadPosition { seq, told }) = moved {
        filter.insert("read.seq", doc! { "$lt": int(seq) });
        set.insert("read", doc! { "seq": int(seq), "told": told });
        changes.push(Change::Read { conversation: id, user, seq, told });
    }
    if is_marked {
        set.insert("unread", false);
        changes.push(Change::Marked(user));
    }
    if set.is_empty() {
        return Ok(());
    }
    let this = Arc::clone(database);
    let work = async move {
        let members = this.ready()?.0.collection::<Document>(MEMBERS);
        if timely(members.update_one(filter, doc! { "$set": set })).await?.modified_count > 0 {
            this.tell(changes);
        }
        Ok(())
    };
    database.to_the_end(work).await
}
