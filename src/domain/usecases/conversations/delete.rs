//! The end of a conversation.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, Role},
        ids::ConversationId,
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::ConversationRepository,
};

pub struct DeleteConversation {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl DeleteConversation {
    /// The owner may. `general` has none, so it stays.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`; `DirectFixed`; `Forbidden`.
    pub async fn execute(&self, actor: Actor, id: ConversationId) -> Result<()> {
        let membership = self.conversations.membership(id, actor.user).await?;
        if membership.kind == ConversationKind::Direct {
            return Err(DomainError::DirectFixed);
        }
        if membership.role != Role::Owner {
            return Err(DomainError::Forbidden);
        }
        self.conversations.delete(id).await
    }
}
