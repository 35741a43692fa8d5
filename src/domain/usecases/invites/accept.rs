//! Coming in by an invitation.

use std::sync::Arc;

use super::look::LookAtInvite;
use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, ConversationView},
        ids::InviteId,
    },
    error::{DomainError, Result},
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, invite_repository::InviteRepository,
    },
};

pub struct AcceptInvite {
    pub look: LookAtInvite,
    pub conversations: Arc<dyn ConversationRepository>,
    pub invites: Arc<dyn InviteRepository>,
    pub clock: Arc<dyn Clock>,
    /// Most members that a group may have.
    pub max_group_members: usize,
}

impl AcceptInvite {
    /// Who is in it already uses nothing up.
    ///
    /// # Errors
    /// `NotFound`, see [`LookAtInvite::execute`]; `Invalid` naming `invite` when the group is full.
    pub async fn execute(&self, actor: Actor, id: InviteId) -> Result<ConversationView> {
        let (invite, conversation) = self.look.execute(id).await?;
        let place = invite.conversation;
        if self.conversations.role_of(place, actor.user).await?.is_some() {
            return self.conversations.view(place, actor.user).await;
        }
        let full = conversation.member_count as usize >= self.max_group_members;
        if conversation.kind == ConversationKind::Group && full {
            return Err(DomainError::invalid("invite", "leads to a group that is full"));
        }
        if !self.invites.take(id, self.clock.now()).await? {
            return Err(DomainError::NotFound("invite"));
        }
        if let Err(error) = self.conversations.add_members(place, &[actor.user], self.clock.now()).await {
            drop(self.invites.give_back(id).await);
            return Err(error);
        }
        self.conversations.view(place, actor.user).await
    }
}
