//! How far somebody has read.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, conversation::ConversationView, ids::ConversationId},
    error::Result,
    interfaces::conversation_repository::ConversationRepository,
};

pub struct MarkRead {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl MarkRead {
    /// Moves forward only, and never beyond the newest message.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`.
    pub async fn execute(&self, actor: Actor, id: ConversationId, seq: u64) -> Result<ConversationView> {
        self.conversations.mark_read(id, actor.user, seq).await
    }
}
