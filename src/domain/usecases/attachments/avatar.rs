//! The picture of a person, made from an image that they uploaded.

use std::sync::Arc;

use super::{read_all, tidy::Tidy};
use crate::domain::{
    entities::{actor::Actor, attachment::AttachmentKind, ids::AttachmentId},
    error::{DomainError, Result},
    interfaces::{
        attachment_repository::AttachmentRepository,
        blob_store::{BlobKey, BlobStore},
        media::Media,
    },
};

pub struct Avatars {
    pub attachments: Arc<dyn AttachmentRepository>,
    pub blobs: Arc<dyn BlobStore>,
    pub media: Arc<dyn Media>,
    pub tidy: Arc<Tidy>,
}

fn refused() -> DomainError {
    DomainError::invalid("avatarId", "must be an image that you uploaded and have not sent")
}

impl Avatars {
    /// Makes and stores the picture.
    ///
    /// # Errors
    /// `Invalid` naming `avatarId`; `Unavailable`.
    pub async fn make(&self, actor: Actor, id: &str) -> Result<AttachmentId> {
        let id = id.parse().map_err(|_| refused())?;
        let upload = self.attachments.find(id).await?.filter(|upload| {
            upload.owner == actor.user
                && upload.claim.is_none()
                && upload.attachment.kind == AttachmentKind::Image
        });
        if upload.is_none() {
            return Err(refused());
        }
        let image = read_all(self.blobs.as_ref(), BlobKey::Attachment(id)).await?;
        let picture = self.media.avatar(image).await?;
        self.blobs.put(BlobKey::Avatar(id), picture).await?;
        Ok(id)
    }

    /// Forgets the image that the picture was made from. What does not succeed is left to the sweep.
    pub async fn drop_source(&self, id: AttachmentId) {
        if let Ok(true) = self.attachments.discard(id).await {
            drop(self.tidy.remove(&[id]).await);
        }
    }

    /// Deletes a picture that nobody has any more.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete(&self, id: AttachmentId) -> Result<()> {
        self.blobs.delete(BlobKey::Avatar(id)).await
    }
}
