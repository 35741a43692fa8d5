//! Taking it back.

use std::sync::Arc;

use super::visible;
use crate::domain::{
    entities::{actor::Actor, ids::MessageId, message::Message},
    error::{DomainError, Result},
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, message_repository::MessageRepository,
    },
    usecases::attachments::tidy::Tidy,
};

pub struct DeleteMessage {
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub clock: Arc<dyn Clock>,
    pub tidy: Arc<Tidy>,
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
        self.delete(message).await
    }

    /// For who looks after the server, whom nobody asks whether they are a member.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn by_administrator(&self, id: MessageId) -> Result<Message> {
        let message = self.messages.find(id).await?.ok_or(DomainError::NotFound("message"))?;
        self.delete(message).await
    }

    async fn delete(&self, message: Message) -> Result<Message> {
        let files: Vec<_> = message.attachments.iter().map(|file| file.id).collect();
        if !files.is_empty() {
            self.tidy.attachments.set_settled(&files, false).await?;
        }
        let deleted = self.messages.delete(message.id, self.clock.now()).await?;
        if !files.is_empty() {
            // Nobody can open them any more; what cannot be deleted now is swept.
            drop(self.tidy.remove(&files).await);
        }
        Ok(deleted)
    }
}
