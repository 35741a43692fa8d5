//! Handing in a file, which a message may take afterwards.

use std::{sync::Arc, time::Duration};

use super::tidy::Tidy;
use crate::domain::{
    entities::{
        actor::Actor,
        attachment::{Attachment, AttachmentKind, FileName, Upload},
        ids::AttachmentId,
    },
    error::{DomainError, FieldError, Result},
    interfaces::{
        attachment_repository::AttachmentRepository,
        blob_store::{BlobKey, BlobStore},
        clock::Clock,
        id_generator::IdGenerator,
        media::{self, Media, MediaType},
        upload_source::UploadSource,
    },
};

/// What a client says of its file, as it was written.
#[derive(Debug, Default)]
pub struct UploadInput {
    pub name: String,
    pub duration_ms: Option<String>,
    pub width: Option<String>,
    pub height: Option<String>,
}

/// The same, parsed.
struct Told {
    duration_ms: Option<u32>,
    width: Option<u32>,
    height: Option<u32>,
}

impl UploadInput {
    fn parse(&self) -> Result<Told> {
        let mut errors = Vec::new();
        let mut number = |field: &str, text: Option<&str>, least: u32, most: u32| {
            let number = text?.trim().parse().ok().filter(|number| (least..=most).contains(number));
            if number.is_none() {
                errors.push(FieldError::new(field, format!("must be a whole number from {least} to {most}")));
            }
            number
        };
        let told = Told {
            duration_ms: number("durationMs", self.duration_ms.as_deref(), 0, 86_400_000),
            width: number("width", self.width.as_deref(), 1, 16_384),
            height: number("height", self.height.as_deref(), 1, 16_384),
        };
        if errors.is_empty() { Ok(told) } else { Err(DomainError::Invalid(errors)) }
    }
}

/// How many bytes one file may have, and how many files of a person may wait for a message.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits {
    pub bytes: u64,
    pub unclaimed: u64,
}

pub struct UploadAttachment {
    pub attachments: Arc<dyn AttachmentRepository>,
    pub blobs: Arc<dyn BlobStore>,
    pub media: Arc<dyn Media>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
    pub tidy: Arc<Tidy>,
    pub limits: UploadLimits,
}

/// When somebody who has too many uploads may look again: messages take them, or the sweep does.
const PATIENCE: Duration = Duration::from_secs(60);

impl UploadAttachment {
    /// Images are read whole and lose what they say of their maker; everything else goes to the store as it comes.
    /// Nothing stays of what is refused or breaks off.
    ///
    /// # Errors
    /// `Invalid` naming `file`, `durationMs`, `width` or `height`; `AttachmentTooLarge`, as soon as it is;
    /// `RateLimited` when too many wait; those of `source`.
    pub async fn execute(
        &self,
        actor: Actor,
        input: &UploadInput,
        source: &mut dyn UploadSource,
    ) -> Result<Attachment> {
        let told = input.parse()?;
        if self.attachments.count_unclaimed(actor.user).await? >= self.limits.unclaimed {
            return Err(DomainError::RateLimited { retry_after: PATIENCE });
        }
        let id = AttachmentId::from_uuid(self.ids.next());
        let mut source = Measured { source, taken: 0, limit: self.limits.bytes };
        let stored = match self.store(id, &told, input, &mut source).await {
            Ok(attachment) => {
                let upload =
                    Upload { attachment, owner: actor.user, created_at: self.clock.now(), claim: None };
                self.attachments.insert(&upload).await.map(|()| upload.attachment)
            }
            Err(error) => Err(error),
        };
        if stored.is_err() {
            // What cannot be deleted now either was not stored, or is found by nobody.
            drop(self.tidy.delete_blobs(id).await);
        }
        stored
    }

    async fn store(
        &self,
        id: AttachmentId,
        told: &Told,
        input: &UploadInput,
        source: &mut Measured<'_>,
    ) -> Result<Attachment> {
        let mut head = Vec::new();
        while head.len() < media::HEAD
            && let Some(part) = source.next().await?
        {
            head.extend_from_slice(&part);
        }
        if head.is_empty() {
            return Err(DomainError::invalid("file", "must not be empty"));
        }
        let MediaType { kind, content_type } = self.media.recognize(&head);
        let timed = matches!(kind, AttachmentKind::Audio | AttachmentKind::Video);
        let sized = kind == AttachmentKind::Video;
        let mut attachment = Attachment {
            id,
            kind,
            name: FileName::clean(&input.name),
            content_type: content_type.into(),
            size: 0,
            width: told.width.filter(|_| sized),
            height: told.height.filter(|_| sized),
            duration_ms: told.duration_ms.filter(|_| timed),
            has_thumbnail: false,
        };
        if kind == AttachmentKind::Image {
            self.store_image(head, source, &mut attachment).await?;
        } else {
            let mut writer = self.blobs.begin(BlobKey::Attachment(id)).await?;
            writer.write(&head).await?;
            while let Some(part) = source.next().await? {
                writer.write(&part).await?;
            }
            writer.finish().await?;
            attachment.size = source.taken;
        }
        Ok(attachment)
    }

    async fn store_image(
        &self,
        mut bytes: Vec<u8>,
        source: &mut Measured<'_>,
        attachment: &mut Attachment,
    ) -> Result<()> {
        while let Some(part) = source.next().await? {
            bytes.extend_from_slice(&part);
        }
        let image = self.media.clean_image(bytes).await?;
        attachment.size = image.bytes.len() as u64;
        (attachment.width, attachment.height) = (Some(image.width), Some(image.height));
        self.blobs.put(BlobKey::Attachment(attachment.id), image.bytes).await?;
        if let Some(thumbnail) = image.thumbnail {
            self.blobs.put(BlobKey::Thumbnail(attachment.id), thumbnail).await?;
            attachment.has_thumbnail = true;
        }
        Ok(())
    }
}

/// A source that ends with an error when too much comes.
struct Measured<'a> {
    source: &'a mut dyn UploadSource,
    taken: u64,
    limit: u64,
}

impl Measured<'_> {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let part = self.source.next().await?;
        self.taken += part.as_ref().map_or(0, |part| part.len() as u64);
        if self.taken > self.limit {
            return Err(DomainError::AttachmentTooLarge { limit: self.limit });
        }
        Ok(part)
    }
}
