//! Files of messages as JSON, in archives and where a database keeps text.

use serde::{Deserialize, Serialize};

use crate::domain::{
    entities::attachment::{Attachment, AttachmentKind, FileName},
    error::FieldError,
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct File {
    id: String,
    kind: String,
    name: String,
    content_type: String,
    size: u64,
    width: Option<u32>,
    height: Option<u32>,
    duration_ms: Option<u32>,
    thumbnail: bool,
}

impl From<&Attachment> for File {
    fn from(attachment: &Attachment) -> Self {
        Self {
            id: attachment.id.to_string(),
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
}

impl File {
    /// `place` is where it stands in its message, from 0.
    pub(super) fn attachment(self, place: usize) -> Result<Attachment, FieldError> {
        let refuse = |name: &str, reason| FieldError::new(format!("attachments[{place}].{name}"), reason);
        let name = FileName::clean(&self.name);
        if name.as_str() != self.name {
            return Err(refuse("name", "must be a file's name without a path, at most 255 bytes"));
        }
        // It goes into a header.
        let is_type = |text: &str| {
            text.contains('/') && text.len() <= 100 && text.chars().all(|c| c.is_ascii_graphic() && c != ';')
        };
        if !is_type(&self.content_type) {
            return Err(refuse("contentType", "must be a media type such as image/png"));
        }
        Ok(Attachment {
            id: self.id.parse().map_err(|_| refuse("id", "must be a UUID"))?,
            kind: AttachmentKind::parse(&self.kind)
                .ok_or_else(|| refuse("kind", "must be image, video, audio or file"))?,
            name,
            content_type: self.content_type.into(),
            size: self.size,
            width: self.width,
            height: self.height,
            duration_ms: self.duration_ms,
            has_thumbnail: self.thumbnail,
        })
    }
}

/// The files of a message as a JSON array; `None` of no files.
pub fn to_json(attachments: &[Attachment]) -> Option<String> {
    let files: Vec<File> = attachments.iter().map(File::from).collect();
    (!files.is_empty()).then(|| super::records::json(&files))
}

/// Reads what [`to_json`] wrote.
///
/// # Errors
/// When it is something else.
pub fn from_json(text: &str) -> Result<Vec<Attachment>, FieldError> {
    let files: Vec<File> =
        serde_json::from_str(text).map_err(|error| FieldError::new("attachments", error.to_string()))?;
    files.into_iter().enumerate().map(|(place, file)| file.attachment(place)).collect()
}
