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
    /// Only from conversations that the actor is in. Answers what was looked for, too.
    ///
    /// # Errors
    /// `Invalid` naming `q`, also when there is neither a word nor anything else to go by; `NotFound` and `NotMember` for the
    /// conversation.
    pub async fn execute(
        &self,
        actor: Actor,
        query: &str,
        filter: &SearchFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<(SearchPage, SearchQuery)> {
        let SearchFilter { sender, since, until, has, .. } = *filter;
        let is_narrow = sender.is_some() || since.is_some() || until.is_some() || has.is_some();
        let query = if query.trim().is_empty() && is_narrow {
            SearchQuery::anything()
        } else {
            SearchQuery::parse(query).map_err(|error| DomainError::Invalid(vec![error]))?
        };
        if let Some(id) = filter.conversation {
            self.conversations.membership(id, actor.user).await?;
        }
        Ok((self.messages.search(actor.user, &query, filter, cursor, limit).await?, query))
    }
}
