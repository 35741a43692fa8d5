//! Taking it back.

use std::sync::Arc;

use super::visible;
use crate::domain::{
    entities::{actor::Actor, ids::MessageId, message::Message},
    error::{DomainError, Result},
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, message_repository::MessageRepository,
    },
};

pub struct DeleteMessage {
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub clock: Arc<dyn Clock>,
}

impl DeleteMessage {
    /// The sender may, and owners and admins of the conversation.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`; `Forbidden`.
    pub async fn execute(&self, actor: Actor, id: MessageId) -> Result<Message> {
        let (message, membership) =
            visible(self.messages.as_ref(), self.conversations.as_ref(), actor, id).await?;
        if message.sender != actor.user && !membership.role.moderates() {
            return Err(DomainError::Forbidden);
        }
        self.messages.delete(id, self.clock.now()).await
    }
}
