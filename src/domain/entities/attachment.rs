//! Files that people send each other.

use super::{
    ids::{AttachmentId, ClientId, ConversationId, UserId},
    message::Message,
    timestamp::Timestamp,
};
use crate::domain::error::{DomainError, Result};

/// What a file is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentKind {
    Image,
    Video,
    Audio,
    /// Anything else; it is only ever downloaded.
    File,
}

impl AttachmentKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::File => "file",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Image, Self::Video, Self::Audio, Self::File].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What the name of a file is shown as: 1–255 bytes, no path, no control characters, none that change the direction of
/// the text around them (which make `gpj.exe` look like `exe.jpg`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(Box<str>);

impl FileName {
    pub const MAX_BYTES: usize = 255;

    /// Cleans whatever a client calls a file; `file` when nothing is left.
    pub fn clean(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let cleaned: String = last.chars().filter(|c| !c.is_control() && !redirects(*c)).collect();
        let trimmed = cleaned.trim();
        let mut end = trimmed.len().min(Self::MAX_BYTES);
        while !trimmed.is_char_boundary(end) {
            end -= 1;
        }
        let name = trimmed.get(..end).unwrap_or_default().trim_end();
        Self(if matches!(name, "" | "." | "..") { "file" } else { name }.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9), and the separators of lines and
/// paragraphs.
const fn redirects(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A file as its message shows it. Nothing of it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    pub kind: AttachmentKind,
    pub name: FileName,
    /// A media type that was told from the content, such as `image/png`.
    pub content_type: Box<str>,
    /// Bytes of what is stored.
    pub size: u64,
    /// Pixels, as it is displayed; of images and, where the client told, of videos.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Milliseconds; of audio and video, where the client told.
    pub duration_ms: Option<u32>,
    /// Whether there is a smaller picture of it.
    pub has_thumbnail: bool,
}

impl Attachment {
    /// How many one message carries.
    pub const MAX_PER_MESSAGE: usize = 10;
}

/// The send that an upload belongs to: that of its owner with this id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub conversation: ConversationId,
    pub client_id: ClientId,
}

/// An uploaded file and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub attachment: Attachment,
    pub owner: UserId,
    pub created_at: Timestamp,
    /// `None` until a message takes it.
    pub claim: Option<Claim>,
}

impl Upload {
    /// The uploads that a message's files stand for.
    pub fn of(message: &Message) -> impl Iterator<Item = Self> {
        message.attachments.iter().map(|attachment| Self {
            attachment: attachment.clone(),
            owner: message.sender,
            created_at: message.created_at,
            claim: Some(Claim { conversation: message.conversation, client_id: message.client_id.clone() }),
        })
    }
}

/// The ids of a message's files: at most [`Attachment::MAX_PER_MESSAGE`], each once.
///
/// # Errors
/// `Invalid` naming `attachmentIds`.
pub fn parse_ids(texts: &[String]) -> Result<Vec<AttachmentId>> {
    if texts.len() > Attachment::MAX_PER_MESSAGE {
        return Err(DomainError::invalid("attachmentIds", "must be at most 10"));
    }
    let mut ids = Vec::with_capacity(texts.len());
    for text in texts {
        let id = text.parse().map_err(|_| unknown_ids())?;
        if ids.contains(&id) {
            return Err(DomainError::invalid("attachmentIds", "must name each upload once"));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// What is answered for uploads that are not there, are somebody else's or belong to another message.
pub fn unknown_ids() -> DomainError {
    DomainError::invalid("attachmentIds", "must be uploads of yours that no other message has")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        FileName::clean(text).as_str().to_owned()
    }

    #[test]
    fn names_are_names_and_nothing_else() {
        for (given, expected) in [
            ("photo.jpg", "photo.jpg"),
            ("/etc/passwd", "passwd"),
            ("C:\\Users\\ana\\report.pdf", "report.pdf"),
            ("a\u{202e}gpj.exe", "agpj.exe"),
            ("line\r\nX-Evil: 1", "lineX-Evil: 1"),
            ("  \u{feff} ", "file"),
            ("..", "file"),
            ("a/..", "file"),
            ("", "file"),
            ("olá ☕.txt", "olá ☕.txt"),
        ] {
            assert_eq!(cleaned(given), expected, "{given:?}");
        }
    }

    #[test]
    fn long_names_end_at_a_character() {
        let name = cleaned(&"é".repeat(200));
        assert_eq!((name.len(), name.chars().count()), (254, 127));
        assert_eq!(cleaned(&"x".repeat(300)).len(), 255);
    }

    #[test]
    fn ids_are_few_and_distinct() {
        let id = |number: u128| uuid::Uuid::from_u128(number).to_string();
        let many: Vec<String> = (1..=10).map(id).collect();
        assert_eq!(parse_ids(&many).unwrap().len(), 10);
        assert!(parse_ids(&(1..=11).map(id).collect::<Vec<_>>()).is_err());
        assert!(parse_ids(&[id(1), id(1)]).is_err());
        assert!(parse_ids(&["none".to_owned()]).is_err());
    }
}
