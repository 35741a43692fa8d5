//! Where people's marks are kept: what they pinned, muted and marked as unread, and whom they blocked.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        conversation::ConversationView,
        ids::{ConversationId, UserId},
        marks::{MarkPatch, Marks},
    },
    error::Result,
};

/// Every method that changes something puts `Change::Marked` into the feed, unless it was so already.
#[async_trait]
pub trait MarkRepository: Send + Sync {
    /// All marks of a person; none of somebody who does not exist.
    async fn of(&self, user: UserId) -> Result<Marks>;

    /// Changes the marks of a conversation; answers the view afterwards. No `rev` is taken.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`; `Invalid` naming `pinned` when [`Marks::MAX_PINNED`] others are pinned.
    async fn set(&self, id: ConversationId, user: UserId, patch: MarkPatch) -> Result<ConversationView>;

    /// From now on neither of the two writes to their direct conversation.
    ///
    /// # Errors
    /// `NotFound` when there is no such person; `Invalid` naming `userId` when [`Marks::MAX_BLOCKED`] others are blocked.
    async fn block(&self, user: UserId, other: UserId) -> Result<()>;

    /// Takes a block away; nothing happens when there is none. They write to each other again when the other one does not
    /// block either.
    async fn unblock(&self, user: UserId, other: UserId) -> Result<()>;

    /// Takes away all marks of somebody whose account is closed, and every block by them and of them.
    async fn forget(&self, user: UserId) -> Result<()>;

    /// Whether anybody among `people` has blocked `user`.
    async fn is_blocked_by_any(&self, user: UserId, people: &[UserId]) -> Result<bool>;
}
