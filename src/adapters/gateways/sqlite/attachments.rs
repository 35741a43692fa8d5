use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    Database, users,
    values::{Files, int},
};
use crate::{
    adapters::dto::archive::files,
    domain::{
        entities::{
            attachment::{Attachment, Claim, Upload},
            ids::{AttachmentId, ClientId, ConversationId, UserId},
            timestamp::Timestamp,
        },
        error::{DomainError, Result},
        interfaces::attachment_repository::AttachmentRepository,
    },
};

/// What is known of uploaded files.
#[derive(Clone)]
pub struct SqliteAttachments(pub(super) Arc<Database>);

const COLUMNS: &str = "file, owner, created_at, conversation, client_id";

fn upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    let Files(mut files) = row.get(0)?;
    let (conversation, client_id) = (row.get(3)?, row.get(4)?);
    let claim = Option::zip(conversation, client_id);
    Ok(Upload {
        attachment: files.pop().ok_or(rusqlite::Error::InvalidQuery)?,
        owner: row.get(1)?,
        created_at: row.get(2)?,
        claim: claim.map(|(conversation, client_id)| Claim { conversation, client_id }),
    })
}

/// Stores an upload; nothing happens when it is there.
pub(super) fn insert(conn: &Connection, upload: &Upload, settled: bool) -> rusqlite::Result<()> {
    let Upload { attachment, owner, created_at, claim } = upload;
    conn.prepare_cached(
        "INSERT INTO attachments (id, owner, file, created_at, conversation, client_id, settled)
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        attachment.id,
        owner,
        files::to_json(std::slice::from_ref(attachment)),
        created_at,
        claim.as_ref().map(|claim| claim.conversation),
        claim.as_ref().map(|claim| &claim.client_id),
        settled
    ])?;
    Ok(())
}

fn claim(
    conn: &Connection,
    ids: &[AttachmentId],
    owner: UserId,
    claim: &Claim,
) -> Result<Option<Vec<Attachment>>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attachments
         WHERE id = ? AND owner = ? AND discarded = 0 AND (client_id IS NULL OR client_id = ?)"
    );
    let mut claimed = Vec::with_capacity(ids.len());
    for id in ids {
        let mut select = conn.prepare_cached(&sql)?;
        let Some(found) = select.query_row((id, owner, &claim.client_id), upload).optional()? else {
            return Ok(None);
        };
        claimed.push(found.attachment);
    }
    let mut update =
        conn.prepare_cached("UPDATE attachments SET conversation = ?, client_id = ? WHERE id = ?")?;
    for id in ids {
        update.execute((claim.conversation, &claim.client_id, id))?;
    }
    Ok(Some(claimed))
}

#[async_trait]
impl AttachmentRepository for SqliteAttachments {
    async fn insert(&self, upload: &Upload) -> Result<()> {
        let upload = upload.clone();
        self.0
            .write(move |batch| {
                if !users::exists(batch.conn, upload.owner)? {
                    return Err(DomainError::NotFound("user"));
                }
                Ok(insert(batch.conn, &upload, false)?)
            })
            .await
    }

    async fn find(&self, id: AttachmentId) -> Result<Option<Upload>> {
        self.0
            .read(move |conn| {
                let sql = format!("SELECT {COLUMNS} FROM attachments WHERE id = ? AND discarded = 0");
                Ok(conn.prepare_cached(&sql)?.query_row((id,), upload).optional()?)
            })
            .await
    }

    async fn count_unclaimed(&self, owner: UserId) -> Result<u64> {
        self.0
            .read(move |conn| {
                let count: i64 = conn
                    .prepare_cached(
                        "SELECT count(*) FROM attachments
                         WHERE owner = ? AND client_id IS NULL AND discarded = 0",
                    )?
                    .query_row((owner,), |row| row.get(0))?;
                Ok(u64::try_from(count).unwrap_or(0))
            })
            .await
    }

    async fn claim(
        &self,
        ids: &[AttachmentId],
        owner: UserId,
        wanted: &Claim,
    ) -> Result<Option<Vec<Attachment>>> {
        let (ids, wanted) = (ids.to_vec(), wanted.clone());
        self.0.write(move |batch| claim(batch.conn, &ids, owner, &wanted)).await
    }

    async fn release(&self, ids: &[AttachmentId], owner: UserId, client_id: &ClientId) -> Result<()> {
        let (ids, client_id) = (ids.to_vec(), client_id.clone());
        self.0
            .write(move |batch| {
                let mut update = batch.conn.prepare_cached(
                    "UPDATE attachments SET conversation = NULL, client_id = NULL
                     WHERE id = ? AND owner = ? AND client_id = ?",
                )?;
                for id in ids {
                    update.execute((id, owner, &client_id))?;
                }
                Ok(())
            })
            .await
    }

    async fn discard(&self, id: AttachmentId) -> Result<bool> {
        self.0
            .write(move |batch| {
                let mut update = batch.conn.prepare_cached(
                    "UPDATE attachments SET discarded = 1 WHERE id = ? AND client_id IS NULL",
                )?;
                if update.execute((id,))? > 0 {
                    return Ok(true);
                }
                Ok(!batch.conn.prepare_cached("SELECT 1 FROM attachments WHERE id = ?")?.exists((id,))?)
            })
            .await
    }

    async fn set_settled(&self, ids: &[AttachmentId], settled: bool) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids = ids.to_vec();
        self.0
            .write(move |batch| {
                let mut update =
                    batch.conn.prepare_cached("UPDATE attachments SET settled = ? WHERE id = ?")?;
                for id in ids {
                    update.execute((settled, id))?;
                }
                Ok(())
            })
            .await
    }

    async fn unsettle_conversation(&self, id: ConversationId) -> Result<()> {
        self.0
            .write(move |batch| {
                batch
                    .conn
                    .prepare_cached("UPDATE attachments SET settled = 0 WHERE conversation = ?")?
                    .execute((id,))?;
                Ok(())
            })
            .await
    }

    async fn delete(&self, ids: &[AttachmentId]) -> Result<()> {
        let ids = ids.to_vec();
        self.0
            .write(move |batch| {
                let mut delete = batch.conn.prepare_cached("DELETE FROM attachments WHERE id = ?")?;
                for id in ids {
                    delete.execute((id,))?;
                }
                Ok(())
            })
            .await
    }

    async fn unsettled(
        &self,
        before: Timestamp,
        after: Option<(Timestamp, AttachmentId)>,
        limit: u32,
    ) -> Result<Vec<Upload>> {
        // Before all of them.
        let nil = AttachmentId::from_uuid(uuid::Uuid::nil());
        let (at, id) = after.unwrap_or((Timestamp::from_millis(i64::MIN), nil));
        self.0
            .read(move |conn| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM attachments
                     WHERE settled = 0 AND created_at < ? AND (created_at, id) > (?, ?)
                     ORDER BY created_at, id LIMIT ?"
                );
                let mut select = conn.prepare_cached(&sql)?;
                let found = select.query_map((before, at, id, int(u64::from(limit))), upload)?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn of_conversation(&self, id: ConversationId, limit: u32) -> Result<Vec<AttachmentId>> {
        self.0
            .read(move |conn| {
                let mut select =
                    conn.prepare_cached("SELECT id FROM attachments WHERE conversation = ? LIMIT ?")?;
                let found = select.query_map((id, int(u64::from(limit))), |row| row.get(0))?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}
