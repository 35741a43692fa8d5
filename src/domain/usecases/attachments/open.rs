//! Looking at a file.

use std::{ops::Range, sync::Arc};

use super::read_all;
use crate::domain::{
    entities::{actor::Actor, attachment::Attachment, ids::AttachmentId},
    error::{DomainError, Result},
    interfaces::{
        attachment_repository::AttachmentRepository,
        blob_store::{BlobKey, BlobReader, BlobStore},
        conversation_repository::ConversationRepository,
        message_repository::MessageRepository,
    },
};

const NOT_FOUND: DomainError = DomainError::NotFound("attachment");

pub struct OpenAttachment {
    pub attachments: Arc<dyn AttachmentRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub blobs: Arc<dyn BlobStore>,
}

impl OpenAttachment {
    /// The uploader may until a message has it, and then whoever may read the message.
    ///
    /// # Errors
    /// `NotFound`, whatever the reason: others need not know that there is such a file.
    pub async fn execute(&self, actor: Actor, id: AttachmentId) -> Result<Attachment> {
        let upload = self.attachments.find(id).await?.ok_or(NOT_FOUND)?;
        let Some(claim) = &upload.claim else {
            return if upload.owner == actor.user { Ok(upload.attachment) } else { Err(NOT_FOUND) };
        };
        let message = self.messages.find_sent(upload.owner, &claim.client_id).await?.ok_or(NOT_FOUND)?;
        if !message.attachments.iter().any(|attachment| attachment.id == id) {
            return Err(NOT_FOUND);
        }
        match self.conversations.membership(message.conversation, actor.user).await {
            Ok(_) => Ok(upload.attachment),
            Err(DomainError::NotMember | DomainError::NotFound(_)) => Err(NOT_FOUND),
            Err(error) => Err(error),
        }
    }

    /// Bytes of a file that [`OpenAttachment::execute`] answered.
    ///
    /// # Errors
    /// `NotFound`; `Unavailable`.
    pub async fn read(&self, id: AttachmentId, range: Range<u64>) -> Result<Box<dyn BlobReader>> {
        self.blobs.read(BlobKey::Attachment(id), Some(range)).await
    }

    /// The smaller picture of an image.
    ///
    /// # Errors
    /// `NotFound`, also where there is none; `Unavailable`.
    pub async fn thumbnail(&self, actor: Actor, id: AttachmentId) -> Result<Vec<u8>> {
        if !self.execute(actor, id).await?.has_thumbnail {
            return Err(NOT_FOUND);
        }
        read_all(self.blobs.as_ref(), BlobKey::Thumbnail(id)).await
    }

    /// Somebody's picture, which everybody who is signed in may see.
    ///
    /// # Errors
    /// `NotFound`; `Unavailable`.
    pub async fn avatar(&self, id: AttachmentId) -> Result<Vec<u8>> {
        read_all(self.blobs.as_ref(), BlobKey::Avatar(id)).await
    }
}
