//! What a client missed while it was away.

use std::{collections::HashMap, sync::Arc};

use crate::domain::{
    entities::{actor::Actor, ids::ConversationId},
    error::{DomainError, Result},
    interfaces::message_repository::{MessageRepository, SyncLimits, SyncPage},
};

pub struct Sync {
    pub messages: Arc<dyn MessageRepository>,
}

impl Sync {
    /// Cursors that one call may carry.
    pub const MAX_CURSORS: usize = 10_000;
    /// 500 messages are about 200 kB on the wire in an ordinary chat; the client calls again for more.
    const LIMITS: SyncLimits = SyncLimits { messages: 500, recent: 50, reset_after: 2_000 };

    /// # Errors
    /// `Invalid` naming `cursors` when there are too many.
    pub async fn execute(&self, actor: Actor, cursors: &HashMap<ConversationId, u64>) -> Result<SyncPage> {
        if cursors.len() > Self::MAX_CURSORS {
            return Err(DomainError::invalid("cursors", "must be at most 10,000"));
        }
        self.messages.sync(actor.user, cursors, Self::LIMITS).await
    }
}
