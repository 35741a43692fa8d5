//! What an invitation leads to.

use std::sync::Arc;

use crate::domain::{
    entities::{
        conversation::{Conversation, ConversationKind},
        ids::InviteId,
        invite::Invite,
    },
    error::{DomainError, Result},
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, invite_repository::InviteRepository,
    },
};

pub struct LookAtInvite {
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
        let role = self.conversations.role_of(invite.conversation, invite.creator).await?;
        if !role.is_some_and(|role| role.moderates()) {
            return Err(NOT_FOUND);
        }
        let view = match self.conversations.view(invite.conversation, invite.creator).await {
            Ok(view) if view.conversation.kind != ConversationKind::Direct => view,
            Ok(_) | Err(DomainError::NotMember | DomainError::NotFound(_)) => return Err(NOT_FOUND),
            Err(error) => return Err(error),
        };
        Ok((invite, view.conversation))
    }
}
