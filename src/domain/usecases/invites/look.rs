//! What an invitation leads to.

use std::sync::Arc;

use super::Inviters;
use crate::domain::{
    entities::{conversation::Conversation, ids::InviteId, invite::Invite},
    error::{DomainError, Result},
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, invite_repository::InviteRepository,
    },
};

pub struct LookAtInvite {
    pub inviters: Arc<Inviters>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub invites: Arc<dyn InviteRepository>,
    pub clock: Arc<dyn Clock>,
}

impl LookAtInvite {
    /// # Errors
    /// `NotFound` when it is not there or not open, or whoever made it may not invite any more.
    pub async fn execute(&self, id: InviteId) -> Result<(Invite, Conversation)> {
        const NOT_FOUND: DomainError = DomainError::NotFound("invite");
        let now = self.clock.now();
        let invite = self.invites.find(id).await?.filter(|invite| invite.is_open(now)).ok_or(NOT_FOUND)?;
        let shown = async {
            self.inviters.ensure(invite.creator, invite.conversation).await?;
            self.conversations.view(invite.conversation, invite.creator).await
        };
        match shown.await {
            Ok(view) => Ok((invite, view.conversation)),
            Err(
                DomainError::NotMember
                | DomainError::NotFound(_)
                | DomainError::DirectFixed
                | DomainError::Forbidden,
            ) => Err(NOT_FOUND),
            Err(error) => Err(error),
        }
    }
}
