//! How far the others have read.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::SMALL_CONVERSATION,
        ids::{ConversationId, UserId},
    },
    error::Result,
    interfaces::conversation_repository::ConversationRepository,
};

pub struct ListReads {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl ListReads {
    /// Empty where reads are not told either, because there are too many members.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`.
    pub async fn execute(&self, actor: Actor, id: ConversationId) -> Result<Vec<(UserId, u64)>> {
        let membership = self.conversations.membership(id, actor.user).await?;
        if membership.member_count > SMALL_CONVERSATION {
            return Ok(Vec::new());
        }
        self.conversations.reads(id).await
    }
}
