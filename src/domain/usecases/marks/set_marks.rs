//! Pinning, muting and marking as unread.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, conversation::ConversationView, ids::ConversationId, marks::MarkPatch},
    error::Result,
    interfaces::mark_repository::MarkRepository,
};

pub struct SetMarks {
    pub marks: Arc<dyn MarkRepository>,
}

impl SetMarks {
    /// # Errors
    /// `NotFound`; `NotMember`; `Invalid` naming `pinned` when too many are.
    pub async fn execute(
        &self,
        actor: Actor,
        id: ConversationId,
        patch: MarkPatch,
    ) -> Result<ConversationView> {
        self.marks.set(id, actor.user, patch).await
    }
}
