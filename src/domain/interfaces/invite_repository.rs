//! Where invitations are kept.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        ids::{ConversationId, InviteId},
        invite::Invite,
        timestamp::Timestamp,
    },
    error::Result,
};

#[async_trait]
pub trait InviteRepository: Send + Sync {
    /// Stores an invitation, and forgets those of the conversation that are not open any more at its `created_at`.
    async fn insert(&self, invite: &Invite) -> Result<()>;

    async fn find(&self, id: InviteId) -> Result<Option<Invite>>;

    /// Those of a conversation, the newest first, also what is not open any more.
    async fn of_conversation(&self, id: ConversationId) -> Result<Vec<Invite>>;

    /// Counts a use, unless the invitation is not open (`false`) or not there. Never more than `max_uses` succeed.
    async fn take(&self, id: InviteId, now: Timestamp) -> Result<bool>;

    /// Takes a use back, when whoever took it did not come in after all.
    async fn give_back(&self, id: InviteId) -> Result<()>;

    /// Whether it was there.
    async fn delete(&self, conversation: ConversationId, id: InviteId) -> Result<bool>;

    /// Forgets all of a conversation.
    async fn delete_all(&self, conversation: ConversationId) -> Result<()>;
}
