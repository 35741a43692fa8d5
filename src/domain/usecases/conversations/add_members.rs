//! Bringing people in.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, ConversationView},
        ids::{ConversationId, UserId},
    },
    error::{DomainError, Result},
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, mark_repository::MarkRepository,
    },
};

pub struct AddMembers {
    pub conversations: Arc<dyn ConversationRepository>,
    pub marks: Arc<dyn MarkRepository>,
    pub clock: Arc<dyn Clock>,
    /// Most members that a group may have.
    pub max_group_members: usize,
}

impl AddMembers {
    /// The owner and admins of a group or channel may.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`; `DirectFixed`; `Forbidden`; `Invalid` naming `memberIds`; `Blocked` when one of them has
    /// blocked the actor.
    pub async fn execute(
        &self,
        actor: Actor,
        id: ConversationId,
        users: &[UserId],
    ) -> Result<ConversationView> {
        let membership = self.conversations.membership(id, actor.user).await?;
        if membership.kind == ConversationKind::Direct {
            return Err(DomainError::DirectFixed);
        }
        if !membership.role.moderates() {
            return Err(DomainError::Forbidden);
        }
        if users.is_empty() {
            return Err(DomainError::invalid("memberIds", "must name somebody"));
        }
        let group_is_full = membership.kind == ConversationKind::Group
            && membership.member_count as usize + users.len() > self.max_group_members;
        if group_is_full || users.len() > self.max_group_members {
            return Err(DomainError::invalid("memberIds", "are too many"));
        }
        if self.marks.is_blocked_by_any(actor.user, users).await? {
            return Err(DomainError::Blocked);
        }
        self.conversations.add_members(id, users, self.clock.now()).await?;
        self.conversations.view(id, actor.user).await
    }
}
