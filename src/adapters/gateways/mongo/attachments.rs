use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database as Db,
    bson::{self, Bson, Document, doc},
};
use serde::{Deserialize, Serialize};

use super::{
    Database,
    errors::{Failure, timely},
    schema::ATTACHMENTS,
    users,
    values::{Fields, Id, Key, broken, time},
};
use crate::domain::{
    entities::{
        attachment::{Attachment, AttachmentKind, Claim, FileName, Upload},
        ids::{AttachmentId, ClientId, ConversationId, UserId},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::attachment_repository::AttachmentRepository,
};

/// What is known of uploaded files. The fields `unclaimed`, `claimed`, `unsettled` and `discarded` are `true` or not there,
/// so that each index holds only what is asked for.
#[derive(Clone)]
pub struct MongoAttachments(pub(super) Arc<Database>);

/// A file as its message shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredFile {
    id: Key<AttachmentId>,
    kind: String,
    name: String,
    content_type: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u32>,
    #[serde(default)]
    thumbnail: bool,
}

impl StoredFile {
    pub(super) fn of(attachment: &Attachment) -> Self {
        Self {
            id: Key(attachment.id),
            kind: attachment.kind.as_str().to_owned(),
            name: attachment.name.as_str().to_owned(),
            content_type: attachment.content_type.as_ref().to_owned(),
            size: attachment.size,
            width: attachment.width,
            height: attachment.height,
            duration_ms: attachment.duration_ms,
            thumbnail: attachment.has_thumbnail,
        }
    }

    pub(super) fn attachment(&self) -> Result<Attachment> {
        let kind = AttachmentKind::parse(&self.kind);
        Ok(Attachment {
            id: self.id.0,
            kind: kind.ok_or_else(|| broken(format!("the kind {:?} of a file", self.kind)))?,
            name: FileName::clean(&self.name),
            content_type: self.content_type.as_str().into(),
            size: self.size,
            width: self.width,
            height: self.height,
            duration_ms: self.duration_ms,
            has_thumbnail: self.thumbnail,
        })
    }
}

pub(super) fn document(upload: &Upload, settled: bool) -> Result<Document> {
    let Upload { attachment, owner, created_at, claim } = upload;
    let file = bson::serialize_to_document(&StoredFile::of(attachment)).map_err(DomainError::internal)?;
    let mut document = doc! {
        "_id": attachment.id.bson(),
        "owner": owner.bson(),
        "file": file,
        "createdAt": time(*created_at),
    };
    match claim {
        Some(claim) => document.extend(claimed_by(claim)),
        None => drop(document.insert("unclaimed", true)),
    }
    if !settled {
        document.insert("unsettled", true);
    }
    Ok(document)
}

fn claimed_by(claim: &Claim) -> Document {
    doc! {
        "claimed": true,
        "conversation": claim.conversation.bson(),
        "clientId": claim.client_id.as_str(),
    }
}

fn upload(document: &Document) -> Result<Upload> {
    let file: StoredFile =
        bson::deserialize_from_document(document.nested("file")?.clone()).map_err(broken)?;
    let claim = match (document.maybe_id("conversation")?, document.maybe_text("clientId")?) {
        (Some(conversation), Some(client_id)) => {
            let client_id = ClientId::parse(client_id).map_err(broken)?;
            Some(Claim { conversation, client_id })
        }
        _ => None,
    };
    Ok(Upload {
        attachment: file.attachment()?,
        owner: document.id("owner")?,
        created_at: document.at("createdAt")?,
        claim,
    })
}

fn attachments(db: &Db) -> Collection<Document> {
    db.collection(ATTACHMENTS)
}

fn any_of(ids: &[AttachmentId]) -> Document {
    let ids: Vec<Bson> = ids.iter().map(|id| id.bson()).collect();
    doc! { "$in": ids }
}

impl MongoAttachments {
    async fn update(&self, filter: Document, update: Document) -> Result<()> {
        let (db, _) = self.0.ready()?;
        timely(attachments(&db).update_many(filter, update)).await.map(drop).map_err(DomainError::from)
    }
}

#[async_trait]
impl AttachmentRepository for MongoAttachments {
    async fn insert(&self, upload: &Upload) -> Result<()> {
        let (db, _) = self.0.ready()?;
        if !users::exists(&db, upload.owner).await? {
            return Err(DomainError::NotFound("user"));
        }
        timely(attachments(&db).insert_one(document(upload, false)?)).await?;
        Ok(())
    }

    async fn find(&self, id: AttachmentId) -> Result<Option<Upload>> {
        let (db, _) = self.0.ready()?;
        let filter = doc! { "_id": id.bson(), "discarded": { "$ne": true } };
        timely(attachments(&db).find_one(filter)).await?.as_ref().map(upload).transpose()
    }

    async fn count_unclaimed(&self, owner: UserId) -> Result<u64> {
        let (db, _) = self.0.ready()?;
        let filter = doc! { "owner": owner.bson(), "unclaimed": true };
        Ok(timely(attachments(&db).count_documents(filter)).await?)
    }

    async fn claim(
        &self,
        ids: &[AttachmentId],
        owner: UserId,
        claim: &Claim,
    ) -> Result<Option<Vec<Attachment>>> {
        let filter = doc! {
            "_id": any_of(ids),
            "owner": owner.bson(),
            "discarded": { "$ne": true },
            "$or": [{ "unclaimed": true }, { "clientId": claim.client_id.as_str() }],
        };
        let update = doc! { "$set": claimed_by(claim), "$unset": { "unclaimed": "" } };
        let wanted = ids.len();
        let each: Vec<Document> = ids
            .iter()
            .map(|id| {
                let mut one = filter.clone();
                one.insert("_id", id.bson());
                one
            })
            .collect();
        let found = self
            .0
            .transaction(move |transaction| {
                let (filter, update, each) = (filter.clone(), update.clone(), each.clone());
                Box::pin(async move {
                    let found = transaction.reads().find(ATTACHMENTS, filter, None).await?;
                    if found.len() != wanted {
                        return Ok(None);
                    }
                    for one in each {
                        if !transaction.update_one(ATTACHMENTS, one, update.clone()).await? {
                            return Err(Failure::Refused(DomainError::unavailable("an upload went away")));
                        }
                    }
                    Ok(Some(found))
                })
            })
            .await?;
        let Some(found) = found else { return Ok(None) };
        let mut by_id = HashMap::with_capacity(found.len());
        for stored in &found {
            let upload = upload(&super::rows::read::<Document>(stored)?)?;
            by_id.insert(upload.attachment.id, upload.attachment);
        }
        Ok(ids.iter().map(|id| by_id.remove(id)).collect())
    }

    async fn release(&self, ids: &[AttachmentId], owner: UserId, client_id: &ClientId) -> Result<()> {
        let filter = doc! { "_id": any_of(ids), "owner": owner.bson(), "clientId": client_id.as_str() };
        let update = doc! {
            "$set": { "unclaimed": true },
            "$unset": { "claimed": "", "conversation": "", "clientId": "" },
        };
        self.update(filter, update).await
    }

    async fn discard(&self, id: AttachmentId) -> Result<bool> {
        let filter = doc! { "_id": id.bson(), "claimed": { "$ne": true } };
        let update = doc! { "$set": { "discarded": true }, "$unset": { "unclaimed": "" } };
        let (db, _) = self.0.ready()?;
        if timely(attachments(&db).update_one(filter, update)).await?.matched_count > 0 {
            return Ok(true);
        }
        Ok(timely(attachments(&db).find_one(doc! { "_id": id.bson() })).await?.is_none())
    }

    async fn set_settled(&self, ids: &[AttachmentId], settled: bool) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let operator = if settled { "$unset" } else { "$set" };
        self.update(doc! { "_id": any_of(ids) }, doc! { operator: { "unsettled": true } }).await
    }

    async fn unsettle_conversation(&self, id: ConversationId) -> Result<()> {
        let filter = doc! { "conversation": id.bson(), "claimed": true };
        self.update(filter, doc! { "$set": { "unsettled": true } }).await
    }

    async fn delete(&self, ids: &[AttachmentId]) -> Result<()> {
        let (db, _) = self.0.ready()?;
        timely(attachments(&db).delete_many(doc! { "_id": any_of(ids) })).await?;
        Ok(())
    }

    async fn unsettled(
        &self,
        before: Timestamp,
        after: Option<(Timestamp, AttachmentId)>,
        limit: u32,
    ) -> Result<Vec<Upload>> {
        let (db, _) = self.0.ready()?;
        let mut filter = doc! { "unsettled": true, "createdAt": { "$lt": time(before) } };
        if let Some((at, id)) = after {
            let later = doc! { "createdAt": { "$gt": time(at) } };
            filter.insert("$or", vec![later, doc! { "createdAt": time(at), "_id": { "$gt": id.bson() } }]);
        }
        let find = async {
            let oldest_first = doc! { "createdAt": 1, "_id": 1 };
            let found = attachments(&db).find(filter).sort(oldest_first).limit(i64::from(limit)).await?;
            found.try_collect::<Vec<Document>>().await
        };
        timely(find).await?.iter().map(upload).collect()
    }

    async fn of_conversation(&self, id: ConversationId, limit: u32) -> Result<Vec<AttachmentId>> {
        let (db, _) = self.0.ready()?;
        let filter = doc! { "conversation": id.bson(), "claimed": true };
        let find = async {
            let attachments = attachments(&db);
            let found = attachments.find(filter).limit(i64::from(limit)).projection(doc! { "_id": 1 });
            found.await?.try_collect::<Vec<Document>>().await
        };
        timely(find).await?.iter().map(|found| found.id("_id")).collect()
    }
}
