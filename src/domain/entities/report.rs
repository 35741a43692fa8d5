//! What somebody finds wrong with a message.

use super::{
    ids::{ConversationId, MessageId, ReportId, UserId},
    timestamp::Timestamp,
};
use crate::domain::error::FieldError;

/// Why a message was reported: 1–1,000 characters after trimming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    pub const MAX_CHARS: usize = 1_000;

    /// # Errors
    /// Names `reason`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        // A character takes at most four bytes, so counting a huge text is never needed.
        if text.is_empty() || text.len() > 4 * Self::MAX_CHARS || text.chars().count() > Self::MAX_CHARS {
            return Err(FieldError::new("reason", "must be 1 to 1,000 characters"));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was wrong with the message.
    Dismissed,
    /// The message was deleted.
    Deleted,
}

impl Outcome {
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Dismissed, Self::Deleted].into_iter().find(|outcome| outcome.as_str() == name)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dismissed => "dismissed",
            Self::Deleted => "deleted",
        }
    }
}

/// How a report ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    pub at: Timestamp,
    pub by: UserId,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub id: ReportId,
    pub message: MessageId,
    /// Where the message is.
    pub conversation: ConversationId,
    /// `None` once they deleted their account.
    pub reporter: Option<UserId>,
    pub reason: Reason,
    pub created_at: Timestamp,
    /// `None` of open ones.
    pub closing: Option<Closing>,
}
