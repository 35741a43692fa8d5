//! The conversations of a person.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, conversation::ConversationView, ids::ConversationId},
    error::Result,
    interfaces::conversation_repository::ConversationRepository,
};

pub struct ListConversations {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl ListConversations {
    /// The newest activity first.
    pub async fn all(&self, actor: Actor) -> Result<Vec<ConversationView>> {
        self.conversations.list(actor.user).await
    }

    /// # Errors
    /// `NotFound`; `NotMember`.
    pub async fn one(&self, actor: Actor, id: ConversationId) -> Result<ConversationView> {
        self.conversations.view(id, actor.user).await
    }

    /// Which rooms the person's sockets belong in.
    pub async fn ids(&self, actor: Actor) -> Result<Vec<ConversationId>> {
        self.conversations.ids_of(actor.user).await
    }

    /// The channel that everybody starts in.
    pub async fn general(&self) -> Result<Option<ConversationId>> {
        self.conversations.general().await
    }
}
