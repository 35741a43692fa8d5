//! One message, such as that which another one answers.

use std::sync::Arc;

use super::visible;
use crate::domain::{
    entities::{actor::Actor, ids::MessageId, message::Message},
    error::{DomainError, Result},
    interfaces::{conversation_repository::ConversationRepository, message_repository::MessageRepository},
};

pub struct FindMessage {
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
}

impl FindMessage {
    /// # Errors
    /// `NotFound`, also for those who may not read it: others need not know that there is such a message.
    pub async fn execute(&self, actor: Actor, id: MessageId) -> Result<Message> {
        match visible(self.messages.as_ref(), self.conversations.as_ref(), actor, id).await {
            Ok((message, _)) => Ok(message),
            Err(DomainError::NotMember | DomainError::NotFound(_)) => Err(DomainError::NotFound("message")),
            Err(error) => Err(error),
        }
    }
}
