//! Forgetting files.

use std::sync::Arc;

use crate::domain::{
    entities::ids::{AttachmentId, ConversationId},
    error::Result,
    interfaces::{
        attachment_repository::AttachmentRepository,
        blob_store::{BlobKey, BlobStore},
    },
};

/// How many of a conversation's files are looked up at once.
const PART: u32 = 100;

pub struct Tidy {
    pub attachments: Arc<dyn AttachmentRepository>,
    pub blobs: Arc<dyn BlobStore>,
}

impl Tidy {
    /// Deletes files and then what is known of them, so that what breaks off in between is swept later.
    ///
    /// # Errors
    /// The first one; the others are deleted all the same.
    pub async fn remove(&self, ids: &[AttachmentId]) -> Result<()> {
        let mut outcome = Ok(());
        let mut gone = Vec::with_capacity(ids.len());
        for id in ids {
            match self.delete_blobs(*id).await {
                Ok(()) => gone.push(*id),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        if !gone.is_empty() {
            outcome = self.attachments.delete(&gone).await.and(outcome);
        }
        outcome
    }

    /// Deletes all files of a conversation that is gone.
    ///
    /// # Errors
    /// The first one; what is left is swept later.
    pub async fn remove_conversation(&self, id: ConversationId) -> Result<()> {
        loop {
            let part = self.attachments.of_conversation(id, PART).await?;
            if part.is_empty() {
                return Ok(());
            }
            self.remove(&part).await?;
        }
    }

    /// # Errors
    /// `Unavailable`.
    pub async fn delete_blobs(&self, id: AttachmentId) -> Result<()> {
        self.blobs.delete(BlobKey::Thumbnail(id)).await?;
        self.blobs.delete(BlobKey::Attachment(id)).await
    }
}
