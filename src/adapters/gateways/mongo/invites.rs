use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection,
    bson::{Document, doc},
};

use super::{
    Database,
    errors::timely,
    schema::INVITES,
    values::{Fields, Id, time},
};
use crate::domain::{
    entities::{
        ids::{ConversationId, InviteId},
        invite::Invite,
        timestamp::Timestamp,
    },
    error::Result,
    interfaces::invite_repository::InviteRepository,
};

/// Invitations. What has no end lacks the field.
#[derive(Clone)]
pub struct MongoInvites(pub(super) Arc<Database>);

fn document(invite: &Invite) -> Document {
    let mut document = doc! {
        "_id": invite.id.bson(),
        "conversation": invite.conversation.bson(),
        "creator": invite.creator.bson(),
        "createdAt": time(invite.created_at),
        "uses": i64::from(invite.uses),
    };
    if let Some(end) = invite.expires_at {
        document.insert("expiresAt", time(end));
    }
    if let Some(most) = invite.max_uses {
        document.insert("maxUses", i64::from(most));
    }
    document
}

fn invite(document: &Document) -> Result<Invite> {
    let count = |field: &str| document.number(field).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    Ok(Invite {
        id: document.id("_id")?,
        conversation: document.id("conversation")?,
        creator: document.id("creator")?,
        created_at: document.at("createdAt")?,
        expires_at: document.maybe_at("expiresAt")?,
        uses: count("uses")?,
        max_uses: if document.contains_key("maxUses") { Some(count("maxUses")?) } else { None },
    })
}

/// Neither over nor used up.
fn open(now: Timestamp) -> Document {
    doc! { "$and": [
        { "$or": [{ "expiresAt": { "$exists": false } }, { "expiresAt": { "$gt": time(now) } }] },
        { "$or": [{ "maxUses": { "$exists": false } }, { "$expr": { "$lt": ["$uses", "$maxUses"] } }] },
    ] }
}

impl MongoInvites {
    fn all(&self) -> Result<Collection<Document>> {
        Ok(self.0.ready()?.0.collection(INVITES))
    }
}

#[async_trait]
impl InviteRepository for MongoInvites {
    async fn insert(&self, invite: &Invite) -> Result<()> {
        let invites = self.all()?;
        timely(invites.insert_one(document(invite))).await?;
        let over = doc! { "conversation": invite.conversation.bson(), "$nor": [open(invite.created_at)] };
        timely(invites.delete_many(over)).await?;
        Ok(())
    }

    async fn find(&self, id: InviteId) -> Result<Option<Invite>> {
        timely(self.all()?.find_one(doc! { "_id": id.bson() })).await?.as_ref().map(invite).transpose()
    }

    async fn of_conversation(&self, id: ConversationId) -> Result<Vec<Invite>> {
        let filter = doc! { "conversation": id.bson() };
        let invites = self.all()?;
        let found = async {
            let newest = doc! { "createdAt": -1, "_id": -1 };
            invites.find(filter).sort(newest).await?.try_collect::<Vec<_>>().await
        };
        timely(found).await?.iter().map(invite).collect()
    }

    async fn take(&self, id: InviteId, now: Timestamp) -> Result<bool> {
        let mut filter = open(now);
        filter.insert("_id", id.bson());
        let update = doc! { "$inc": { "uses": 1_i64 } };
        Ok(timely(self.all()?.update_one(filter, update)).await?.modified_count > 0)
    }

    async fn give_back(&self, id: InviteId) -> Result<()> {
        let filter = doc! { "_id": id.bson(), "uses": { "$gt": 0 } };
        timely(self.all()?.update_one(filter, doc! { "$inc": { "uses": -1_i64 } })).await?;
        Ok(())
    }

    async fn delete(&self, conversation: ConversationId, id: InviteId) -> Result<bool> {
        let filter = doc! { "_id": id.bson(), "conversation": conversation.bson() };
        Ok(timely(self.all()?.delete_one(filter)).await?.deleted_count > 0)
    }

    async fn delete_all(&self, conversation: ConversationId) -> Result<()> {
        timely(self.all()?.delete_many(doc! { "conversation": conversation.bson() })).await?;
        Ok(())
    }
}
