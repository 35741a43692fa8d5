//! Links that lead into a group or channel.

pub mod accept;
pub mod create;
pub mod list;
pub mod look;
pub mod revoke;

use crate::domain::{
    entities::{actor::Actor, conversation::ConversationKind, ids::ConversationId},
    error::{DomainError, Result},
    interfaces::conversation_repository::ConversationRepository,
};

/// The owner and admins of a group or channel invite.
///
/// # Errors
/// `NotFound`; `NotMember`; `DirectFixed`; `Forbidden`.
async fn may_invite(
    conversations: &dyn ConversationRepository,
    actor: Actor,
    id: ConversationId,
) -> Result<()> {
    let membership = conversations.membership(id, actor.user).await?;
    if membership.kind == ConversationKind::Direct {
        return Err(DomainError::DirectFixed);
    }
    if membership.role.moderates() { Ok(()) } else { Err(DomainError::Forbidden) }
}
