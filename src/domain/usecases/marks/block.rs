//! Not hearing from somebody any more, and hearing from them again.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, ids::UserId},
    error::{DomainError, Result},
    interfaces::mark_repository::MarkRepository,
};

pub struct BlockUser {
    pub marks: Arc<dyn MarkRepository>,
}

impl BlockUser {
    /// # Errors
    /// `NotFound`; `Invalid` naming `userId` for oneself and when too many are blocked.
    pub async fn execute(&self, actor: Actor, other: UserId) -> Result<()> {
        if other == actor.user {
            return Err(DomainError::invalid("userId", "must be somebody else's"));
        }
        self.marks.block(actor.user, other).await
    }

    /// Nothing happens when they are not blocked.
    ///
    /// # Errors
    /// `Unavailable`, `Internal`.
    pub async fn undo(&self, actor: Actor, other: UserId) -> Result<()> {
        self.marks.unblock(actor.user, other).await
    }
}
