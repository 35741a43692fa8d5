//! Leaving, and taking somebody out.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::ConversationKind,
        ids::{ConversationId, UserId},
    },
    error::{DomainError, Result},
    interfaces::{conversation_repository::ConversationRepository, invite_repository::InviteRepository},
    usecases::attachments::tidy::Tidy,
};

pub struct RemoveMember {
    pub conversations: Arc<dyn ConversationRepository>,
    pub tidy: Arc<Tidy>,
    pub invites: Arc<dyn InviteRepository>,
}

impl RemoveMember {
    /// Everybody may leave; the owner removes anybody, an admin plain members.
    ///
    /// # Errors
    /// `NotFound` (conversation or member); `NotMember`; `DirectFixed`; `Forbidden`.
    pub async fn execute(&self, actor: Actor, id: ConversationId, user: UserId) -> Result<()> {
        let membership = self.conversations.membership(id, actor.user).await?;
        if membership.kind == ConversationKind::Direct {
            return Err(DomainError::DirectFixed);
        }
        if user != actor.user {
            let role = self.conversations.role_of(id, user).await?.ok_or(DomainError::NotFound("member"))?;
            if !membership.role.may_remove(role) {
                return Err(DomainError::Forbidden);
            }
        }
        let may_be_last = membership.kind == ConversationKind::Group && membership.member_count <= 2;
        if may_be_last {
            self.tidy.attachments.unsettle_conversation(id).await?;
        }
        self.conversations.remove_member(id, user).await?;
        // A group that nobody is left in takes its files along.
        if may_be_last && self.conversations.kind_of(id).await?.is_none() {
            drop(self.tidy.remove_conversation(id).await);
            drop(self.invites.delete_all(id).await);
        }
        Ok(())
    }
}
