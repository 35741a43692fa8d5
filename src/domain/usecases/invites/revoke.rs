//! Taking an invitation back.

use std::sync::Arc;

use super::may_invite;
use crate::domain::{
    entities::{
        actor::Actor,
        ids::{ConversationId, InviteId},
    },
    error::{DomainError, Result},
    interfaces::{conversation_repository::ConversationRepository, invite_repository::InviteRepository},
};

pub struct RevokeInvite {
    pub conversations: Arc<dyn ConversationRepository>,
    pub invites: Arc<dyn InviteRepository>,
}

impl RevokeInvite {
    /// # Errors
    /// `NotFound` (conversation or invitation); `NotMember`; `DirectFixed`; `Forbidden`.
    pub async fn execute(&self, actor: Actor, conversation: ConversationId, id: InviteId) -> Result<()> {
        may_invite(self.conversations.as_ref(), actor, conversation).await?;
        if self.invites.delete(conversation, id).await? {
            Ok(())
        } else {
            Err(DomainError::NotFound("invite"))
        }
    }
}
