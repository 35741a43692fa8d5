//! Joining a public channel.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, ConversationView},
        ids::ConversationId,
    },
    error::{DomainError, Result},
    interfaces::{clock::Clock, conversation_repository::ConversationRepository},
};

pub struct JoinConversation {
    pub conversations: Arc<dyn ConversationRepository>,
    pub clock: Arc<dyn Clock>,
}

impl JoinConversation {
    /// Joining a second time changes nothing.
    ///
    /// # Errors
    /// `NotFound`; `NotMember` for what is not a channel.
    pub async fn execute(&self, actor: Actor, id: ConversationId) -> Result<ConversationView> {
        match self.conversations.kind_of(id).await? {
            None => Err(DomainError::NotFound("conversation")),
            Some(ConversationKind::Channel) => {
                self.conversations.add_members(id, &[actor.user], self.clock.now()).await?;
                self.conversations.view(id, actor.user).await
            }
            Some(ConversationKind::Direct | ConversationKind::Group) => {
                self.conversations.view(id, actor.user).await
            }
        }
    }
}
