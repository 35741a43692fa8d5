//! The end of a conversation.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, Role},
        ids::ConversationId,
    },
    error::{DomainError, Result},
    interfaces::{conversation_repository::ConversationRepository, invite_repository::InviteRepository},
    usecases::attachments::tidy::Tidy,
};

pub struct DeleteConversation {
    pub conversations: Arc<dyn ConversationRepository>,
    pub tidy: Arc<Tidy>,
    pub invites: Arc<dyn InviteRepository>,
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
        self.tidy.attachments.unsettle_conversation(id).await?;
        self.conversations.delete(id).await?;
        // Nobody can open its files any more; what cannot be deleted now is swept.
        drop(self.tidy.remove_conversation(id).await);
        drop(self.invites.delete_all(id).await);
        Ok(())
    }
}
