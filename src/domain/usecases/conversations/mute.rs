//! What somebody does not want to hear of.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, conversation::ConversationView, ids::ConversationId},
    error::Result,
    interfaces::conversation_repository::ConversationRepository,
};

pub struct Mute {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl Mute {
    /// # Errors
    /// `NotFound`; `NotMember`.
    pub async fn execute(&self, actor: Actor, id: ConversationId, muted: bool) -> Result<ConversationView> {
        self.conversations.set_muted(id, actor.user, muted).await
    }
}
