//! What somebody marks for themselves.

use super::ids::{ConversationId, UserId};
use crate::domain::error::DomainError;

/// All of a person's marks, each list in the order of its ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Conversations that stay at the top.
    pub pinned: Vec<ConversationId>,
    /// Conversations that count as unread though they were read.
    pub unread: Vec<ConversationId>,
    /// Conversations that they do not want to hear of.
    pub muted: Vec<ConversationId>,
    /// People that they do not want to hear from.
    pub blocked: Vec<UserId>,
}

impl Marks {
    /// Most conversations that somebody pins.
    pub const MAX_PINNED: usize = 100;
    /// Most people that somebody blocks.
    pub const MAX_BLOCKED: usize = 1_000;

    pub fn too_many_pinned() -> DomainError {
        DomainError::invalid("pinned", "must not be more than 100 conversations")
    }

    pub fn too_many_blocked() -> DomainError {
        DomainError::invalid("userId", "must not be one of more than 1,000 who are blocked")
    }
}

/// What of a conversation's marks is to change; `None` stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MarkPatch {
    pub muted: Option<bool>,
    pub pinned: Option<bool>,
    pub unread: Option<bool>,
}
