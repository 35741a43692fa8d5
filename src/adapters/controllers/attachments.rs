//! Files.

use std::{ops::Range, sync::Arc};

use super::known;
use crate::{
    adapters::dto::{objects::Attachment, responses::AttachmentResponse},
    domain::{
        entities::{actor::Actor, attachment, ids::AttachmentId},
        error::Result,
        interfaces::{
            blob_store::BlobReader,
            rate_limiter::{Action, RateLimiter, Subject},
            upload_source::UploadSource,
        },
        usecases::attachments::{
            open::OpenAttachment,
            take_back::TakeBackUpload,
            upload::{UploadAttachment, UploadInput},
        },
    },
};

pub struct AttachmentController {
    pub upload: UploadAttachment,
    pub open: OpenAttachment,
    pub take_back: TakeBackUpload,
    pub limiter: Arc<dyn RateLimiter>,
}

impl AttachmentController {
    pub async fn upload(
        &self,
        actor: Actor,
        input: &UploadInput,
        source: &mut dyn UploadSource,
    ) -> Result<AttachmentResponse> {
        self.limiter.check(Action::Upload, &Subject::User(actor.user))?;
        let attachment = self.upload.execute(actor, input, source).await?;
        Ok(AttachmentResponse { attachment: Attachment::from(&attachment) })
    }

    pub async fn open(&self, actor: Actor, id: &str) -> Result<attachment::Attachment> {
        self.may_read(actor)?;
        self.open.execute(actor, known(id, "attachment")?).await
    }

    /// Bytes of a file that [`AttachmentController::open`] answered.
    pub async fn read(&self, id: AttachmentId, range: Range<u64>) -> Result<Box<dyn BlobReader>> {
        self.open.read(id, range).await
    }

    pub async fn thumbnail(&self, actor: Actor, id: &str) -> Result<Vec<u8>> {
        self.may_read(actor)?;
        self.open.thumbnail(actor, known(id, "attachment")?).await
    }

    pub async fn avatar(&self, actor: Actor, id: &str) -> Result<Vec<u8>> {
        self.may_read(actor)?;
        self.open.avatar(known(id, "avatar")?).await
    }

    pub async fn take_back(&self, actor: Actor, id: &str) -> Result<()> {
        self.limiter.check(Action::Upload, &Subject::User(actor.user))?;
        self.take_back.execute(actor, known(id, "attachment")?).await
    }

    fn may_read(&self, actor: Actor) -> Result<()> {
        self.limiter.check(Action::Read, &Subject::User(actor.user))
    }
}
