//! What people say.

pub mod delete;
pub mod edit;
pub mod find;
pub mod list;
pub mod react;
pub mod search;
pub mod send;
pub mod sync;

use crate::domain::{
    entities::{actor::Actor, ids::MessageId, message::Message},
    error::{DomainError, Result},
    interfaces::{
        conversation_repository::{ConversationRepository, Membership},
        message_repository::MessageRepository,
    },
};

/// A message that the actor may see, and what they are in its conversation.
async fn visible(
    messages: &dyn MessageRepository,
    conversations: &dyn ConversationRepository,
    actor: Actor,
    id: MessageId,
) -> Result<(Message, Membership)> {
    let message = messages.find(id).await?.ok_or(DomainError::NotFound("message"))?;
    let membership = conversations.membership(message.conversation, actor.user).await?;
    Ok((message, membership))
}
