//! Who helps, and who comes after the owner.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, ConversationView, Role},
        ids::{ConversationId, UserId},
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::ConversationRepository,
};

pub struct SetRole {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl SetRole {
    /// The owner may. Making somebody else owner makes an admin of the actor.
    ///
    /// # Errors
    /// `NotFound` (conversation or member); `NotMember`; `DirectFixed`; `Forbidden`; `Invalid` naming `role`.
    pub async fn execute(
        &self,
        actor: Actor,
        id: ConversationId,
        user: UserId,
        role: &str,
    ) -> Result<ConversationView> {
        let membership = self.conversations.membership(id, actor.user).await?;
        if membership.kind == ConversationKind::Direct {
            return Err(DomainError::DirectFixed);
        }
        if membership.role != Role::Owner {
            return Err(DomainError::Forbidden);
        }
        let role = Role::parse(role)
            .ok_or_else(|| DomainError::invalid("role", "must be owner, admin or member"))?;
        self.conversations.set_role(id, user, role).await?;
        self.conversations.view(id, actor.user).await
    }
}
