//! Forgetting uploads that no message has, and what was interrupted.

use std::{sync::Arc, time::Duration};

use super::tidy::Tidy;
use crate::domain::{
    entities::{attachment::Upload, timestamp::Timestamp},
    error::Result,
    interfaces::{
        attachment_repository::AttachmentRepository,
        blob_store::{BlobKey, BlobStore},
        clock::Clock,
        message_repository::MessageRepository,
        user_repository::UserRepository,
    },
};

/// How many are looked at together.
const PART: u32 = 100;

pub struct SweepUploads {
    pub attachments: Arc<dyn AttachmentRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub users: Arc<dyn UserRepository>,
    pub blobs: Arc<dyn BlobStore>,
    pub tidy: Arc<Tidy>,
    pub clock: Arc<dyn Clock>,
    /// How long an upload may wait for its message.
    pub patience: Duration,
}

impl SweepUploads {
    /// How many were deleted. Each upload whose message is there is looked at once only.
    ///
    /// # Errors
    /// The first one; the rest is swept the next time.
    pub async fn execute(&self) -> Result<u64> {
        let patience = i64::try_from(self.patience.as_millis()).unwrap_or(i64::MAX);
        let before = Timestamp::from_millis(self.clock.now().as_millis().saturating_sub(patience));
        let (mut swept, mut after) = (0, None);
        loop {
            let part = self.attachments.unsettled(before, after, PART).await?;
            let Some(last) = part.last() else { return Ok(swept) };
            after = Some((last.created_at, last.attachment.id));
            let (mut kept, mut gone) = (Vec::new(), Vec::new());
            for upload in &part {
                let list = if self.is_kept(upload).await? { &mut kept } else { &mut gone };
                list.push(upload.attachment.id);
            }
            self.attachments.set_settled(&kept, true).await?;
            self.tidy.remove(&gone).await?;
            swept += gone.len() as u64;
        }
    }

    async fn is_kept(&self, upload: &Upload) -> Result<bool> {
        let id = upload.attachment.id;
        if let Some(claim) = &upload.claim {
            let message = self.messages.find_sent(upload.owner, &claim.client_id).await?;
            return Ok(message.is_some_and(|message| message.attachments.iter().any(|file| file.id == id)));
        }
        if !self.attachments.discard(id).await? {
            // A message took it in this moment.
            return Ok(true);
        }
        // A picture may have been made of it that its maker does not have after all.
        let owner = self.users.find(upload.owner).await?;
        if owner.and_then(|owner| owner.avatar) != Some(id) {
            self.blobs.delete(BlobKey::Avatar(id)).await?;
        }
        Ok(false)
    }
}
