//! Channels that anybody may join.

use std::sync::Arc;

use crate::domain::{
    entities::actor::Actor,
    error::{DomainError, Result},
    interfaces::conversation_repository::{ChannelPage, ConversationRepository},
};

pub struct BrowseChannels {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl BrowseChannels {
    /// # Errors
    /// `Invalid` naming `query`.
    pub async fn execute(
        &self,
        actor: Actor,
        query: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<ChannelPage> {
        if query.chars().count() > 100 {
            return Err(DomainError::invalid("query", "must be at most 100 characters"));
        }
        self.conversations.channels(actor.user, query.trim(), cursor, limit).await
    }
}
