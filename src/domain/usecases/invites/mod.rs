//! Links that lead into a group or channel.

pub mod accept;
pub mod create;
pub mod list;
pub mod look;
pub mod revoke;

use std::sync::Arc;

use crate::domain::{
    entities::{
        conversation::ConversationKind,
        ids::{ConversationId, UserId},
    },
    error::{DomainError, Result},
    interfaces::{conversation_repository::ConversationRepository, user_repository::UserRepository},
};

/// Who may invite into what: the owner and admins of a group or channel, and the administrators of the server into the
/// channel that everybody is in, which has no owner.
pub struct Inviters {
    pub conversations: Arc<dyn ConversationRepository>,
    pub users: Arc<dyn UserRepository>,
}

impl Inviters {
    /// # Errors
    /// `NotFound`; `NotMember`; `DirectFixed`; `Forbidden`.
    async fn ensure(&self, user: UserId, id: ConversationId) -> Result<()> {
        let membership = self.conversations.membership(id, user).await?;
        if membership.kind == ConversationKind::Direct {
            return Err(DomainError::DirectFixed);
        }
        let may = membership.role.moderates() || (membership.is_general && self.users.is_admin(user).await?);
        if may { Ok(()) } else { Err(DomainError::Forbidden) }
    }
}
