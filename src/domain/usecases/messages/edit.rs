//! Saying it better.

use std::sync::Arc;

use super::visible;
use crate::domain::{
    entities::{
        actor::Actor,
        ids::MessageId,
        message::{Body, Message},
    },
    error::{DomainError, Result},
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, message_repository::MessageRepository,
    },
};

pub struct EditMessage {
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub clock: Arc<dyn Clock>,
}

impl EditMessage {
    /// The sender may.
    ///
    /// # Errors
    /// `Invalid` naming `body`; `NotFound`; `NotMember`; `Forbidden`; `Blocked`; `MessageDeleted`.
    pub async fn execute(&self, actor: Actor, id: MessageId, body: &str) -> Result<Message> {
        let invalid = |error| DomainError::Invalid(vec![error]);
        let caption = Body::caption(body).map_err(invalid)?;
        let (message, membership) =
            visible(self.messages.as_ref(), self.conversations.as_ref(), actor, id).await?;
        if message.sender != actor.user {
            return Err(DomainError::Forbidden);
        }
        if membership.silenced {
            return Err(DomainError::Blocked);
        }
        // Only files say something without a text.
        let body = if message.attachments.is_empty() && !message.is_deleted() {
            Body::parse(body).map_err(invalid)?
        } else {
            caption
        };
        self.messages.edit(id, &body, self.clock.now()).await
    }
}
