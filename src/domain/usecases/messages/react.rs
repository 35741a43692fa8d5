//! An emoji says it too.

use std::sync::Arc;

use super::visible;
use crate::domain::{
    entities::{
        actor::Actor,
        ids::MessageId,
        message::{Emoji, Message},
    },
    error::{DomainError, Result},
    interfaces::{conversation_repository::ConversationRepository, message_repository::MessageRepository},
};

pub struct ReactToMessage {
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
}

impl ReactToMessage {
    /// # Errors
    /// `Invalid` naming `emoji`; `NotFound`; `NotMember`; `Blocked`; `MessageDeleted`.
    pub async fn execute(&self, actor: Actor, id: MessageId, emoji: &str, on: bool) -> Result<Message> {
        let emoji = Emoji::parse(emoji).map_err(|error| DomainError::Invalid(vec![error]))?;
        let (_, membership) = visible(self.messages.as_ref(), self.conversations.as_ref(), actor, id).await?;
        if membership.silenced {
            return Err(DomainError::Blocked);
        }
        self.messages.react(id, actor.user, &emoji, on).await
    }
}
