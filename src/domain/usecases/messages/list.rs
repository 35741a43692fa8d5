//! What was said.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, ids::ConversationId},
    error::{DomainError, Result},
    interfaces::{
        conversation_repository::ConversationRepository,
        message_repository::{MessagePage, MessageRepository, Window},
    },
};

pub struct ListMessages {
    pub messages: Arc<dyn MessageRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
}

impl ListMessages {
    pub const DEFAULT_LIMIT: u32 = 50;
    pub const MAX_LIMIT: u32 = 200;

    /// `limit` is 1–200.
    ///
    /// # Errors
    /// `Invalid` naming `limit`; `NotFound`; `NotMember`.
    pub async fn execute(
        &self,
        actor: Actor,
        id: ConversationId,
        before: Option<u64>,
        after: Option<u64>,
        limit: Option<u32>,
    ) -> Result<MessagePage> {
        let limit = limit.unwrap_or(Self::DEFAULT_LIMIT);
        if !(1..=Self::MAX_LIMIT).contains(&limit) {
            return Err(DomainError::invalid("limit", "must be 1 to 200"));
        }
        self.conversations.membership(id, actor.user).await?;
        let window = match (before, after) {
            (None, None) => Window::Newest,
            (Some(before), None) => Window::Before(before),
            (None, Some(after)) => Window::After(after),
            (Some(before), Some(after)) => Window::Between { after, before },
        };
        self.messages.list(id, window, limit).await
    }
}
