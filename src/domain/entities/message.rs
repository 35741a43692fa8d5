//! Messages.

use unicode_segmentation::UnicodeSegmentation;

use super::{
    attachment::Attachment,
    ids::{ClientId, ConversationId, MessageId, UserId},
    timestamp::Timestamp,
};
use crate::domain::error::FieldError;

/// Up to 8,000 characters (Unicode scalar values) after trimming; empty only where files say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(Box<str>);

impl Body {
    pub const MAX_CHARS: usize = 8_000;

    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let body = Self::caption(text)?;
        if body.as_str().is_empty() {
            return Err(FieldError::new("body", "must not be empty"));
        }
        Ok(body)
    }

    /// The text beside files, which may be empty.
    pub fn caption(text: &str) -> Result<Self, FieldError> {
        let body = text.trim();
        // A character takes at least one byte, so counting a huge text is never needed.
        if body.len() > Self::MAX_CHARS && body.chars().count() > Self::MAX_CHARS {
            return Err(FieldError::new("body", "must be at most 8,000 characters"));
        }
        Ok(Self(body.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One user-perceived character (an extended grapheme cluster, UAX #29) of at most 64 bytes, neither
/// alphanumeric nor blank nor a control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Emoji(Box<str>);

impl Emoji {
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        // Keycaps such as 1️⃣ are the one kind of emoji that starts with an alphanumeric character.
        let plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || c.is_control();
        let first_is_plain = text.chars().next().is_none_or(|c| plain(c) && !text.contains('\u{20e3}'));
        if text.len() > 64 || first_is_plain || text.graphemes(true).count() != 1 {
            return Err(FieldError::new("emoji", "must be one emoji"));
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    pub emoji: Emoji,
    /// How many people reacted with it; at least 1.
    pub count: u32,
    /// The first [`Message::MAX_REACTION_USERS`] of them, in the order in which they reacted (ties by id).
    pub users: Vec<UserId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    /// The place in the conversation: 1, 2, 3 … without a hole.
    pub seq: u64,
    /// The conversation's change counter at the last change of this message.
    pub rev: u64,
    pub sender: UserId,
    pub client_id: ClientId,
    /// `None` once the message was deleted.
    pub body: Option<Body>,
    /// In the order in which the sender put them; none once the message was deleted.
    pub attachments: Vec<Attachment>,
    pub reply_to: Option<MessageId>,
    /// In the order in which each emoji was first used.
    pub reactions: Vec<Reaction>,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
}

impl Message {
    /// How many people a reaction names; the others are only counted.
    pub const MAX_REACTION_USERS: usize = 50;
    /// How many different emojis one message carries.
    pub const MAX_REACTIONS: usize = 50;

    pub const fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }
}
