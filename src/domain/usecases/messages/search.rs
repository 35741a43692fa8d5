//! Finding it again.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, search_text::SearchQuery},
    error::{DomainError, Result},
    interfaces::{
        conversation_repository::ConversationRepository,
        message_repository::{MessageRepository, SearchFilter, SearchPage},
    },
};

pub struct SearchMessages {
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
}

impl SearchMessages {
    /// Only from conversations that the actor is in.
    ///
    /// # Errors
    /// `Invalid` naming `q`; `NotFound` and `NotMember` for the conversation.
    pub async fn execute(
        &self,
        actor: Actor,
        query: &str,
        filter: &SearchFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<SearchPage> {
        let query = SearchQuery::parse(query).map_err(|error| DomainError::Invalid(vec![error]))?;
        if let Some(id) = filter.conversation {
            self.conversations.membership(id, actor.user).await?;
        }
        self.messages.search(actor.user, &query, filter, cursor, limit).await
    }
}
