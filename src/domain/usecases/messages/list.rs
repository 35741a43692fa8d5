//! What was said.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, ids::ConversationId, timestamp::Timestamp},
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
    /// `Invalid` naming `limit`, or `since` when it comes together with a bound by `seq`; `NotFound`; `NotMember`.
    pub async fn execute(
        &self,
        actor: Actor,
        id: ConversationId,
        before: Option<u64>,
        after: Option<u64>,
        since: Option<Timestamp>,
        limit: Option<u32>,
    ) -> Result<MessagePage> {
        let limit = limit.unwrap_or(Self::DEFAULT_LIMIT);
        if !(1..=Self::MAX_LIMIT).contains(&limit) {
            return Err(DomainError::invalid("limit", "must be 1 to 200"));
        }
        if since.is_some() && (before.is_some() || after.is_some()) {
            return Err(DomainError::invalid("since", "cannot be combined with before or after"));
        }
        self.conversations.membership(id, actor.user).await?;
        let window = match (before, after, since) {
            (_, _, Some(since)) => Window::After(self.last_before(id, since).await?),
            (None, None, None) => Window::Newest,
            (Some(before), None, None) => Window::Before(before),
            (None, Some(after), None) => Window::After(after),
            (Some(before), Some(after), None) => Window::Between { after, before },
        };
        self.messages.list(id, window, limit).await
    }

    /// The `seq` of the last message before `since`, 0 when there is none. Looks at one message for every time that
    /// the conversation can be halved: no index by time is needed, for times rise with `seq`. Where clocks of nodes
    /// differ they do so roughly, and the answer is as exact as the clocks.
    async fn last_before(&self, id: ConversationId, since: Timestamp) -> Result<u64> {
        let newest = self.messages.list(id, Window::Newest, 1).await?.messages.pop();
        let mut low = 0;
        let mut high = match newest {
            Some(message) if message.created_at >= since => message.seq,
            Some(message) => return Ok(message.seq),
            None => return Ok(0),
        };
        // Everything up to `low` is before, and everything from `high` on is not.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let found = self.messages.list(id, Window::After(middle - 1), 1).await?.messages.pop();
            match found {
                Some(message) if message.created_at < since => low = middle,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}
