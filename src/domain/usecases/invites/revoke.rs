//! Taking an invitation back.

use std::sync::Arc;

use super::Inviters;
use crate::domain::{
    entities::{
        actor::Actor,
        ids::{ConversationId, InviteId},
    },
    error::{DomainError, Result},
    interfaces::invite_repository::InviteRepository,
};

pub struct RevokeInvite {
    pub inviters: Arc<Inviters>,
    pub invites: Arc<dyn InviteRepository>,
}

impl RevokeInvite {
    /// # Errors
    /// `NotFound` (conversation or invitation); `NotMember`; `DirectFixed`; `Forbidden`.
    pub async fn execute(&self, actor: Actor, conversation: ConversationId, id: InviteId) -> Result<()> {
        self.inviters.ensure(actor.user, conversation).await?;
        if self.invites.delete(conversation, id).await? {
            Ok(())
        } else {
            Err(DomainError::NotFound("invite"))
        }
    }
}
