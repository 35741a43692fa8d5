//! Taking an upload back that no message has.

use std::sync::Arc;

use super::tidy::Tidy;
use crate::domain::{
    entities::{actor::Actor, ids::AttachmentId},
    error::{DomainError, Result},
    interfaces::attachment_repository::AttachmentRepository,
};

const NOT_FOUND: DomainError = DomainError::NotFound("attachment");

pub struct TakeBackUpload {
    pub attachments: Arc<dyn AttachmentRepository>,
    pub tidy: Arc<Tidy>,
}

impl TakeBackUpload {
    /// # Errors
    /// `NotFound`, also for somebody else's; `Forbidden` when a message has it: it goes with the message only.
    pub async fn execute(&self, actor: Actor, id: AttachmentId) -> Result<()> {
        let upload = self.attachments.find(id).await?.ok_or(NOT_FOUND)?;
        if upload.owner != actor.user {
            return Err(NOT_FOUND);
        }
        if !self.attachments.discard(id).await? {
            return Err(DomainError::Forbidden);
        }
        self.tidy.remove(&[id]).await
    }
}
