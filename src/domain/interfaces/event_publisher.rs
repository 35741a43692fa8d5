//! Facts to people's sockets.

use async_trait::async_trait;

use crate::domain::entities::{
    change::Change,
    ids::{ConversationId, SessionId, UserId},
    presence::Presence,
    session::SessionKey,
};

/// Publishing never fails: a socket that cannot take a fact is cut off and heals by `sync`.
#[async_trait]
pub trait EventPublisher: Send + Sync {
    /// Tells everybody concerned, and moves sockets into and out of conversations. It may reach them with the next
    /// [`Self::flush`] only.
    async fn change(&self, change: &Change);

    /// Ends when what was told is on its way, but to those who are too slow for it.
    async fn flush(&self);

    /// Tells those who watch the person, and all sockets of `contacts`.
    async fn presence(&self, presence: Presence, contacts: &[UserId]);

    /// Tells the other members.
    async fn typing(&self, conversation: ConversationId, user: UserId, typing: bool);

    /// Closes every socket of these sessions.
    async fn end_sessions(&self, sessions: &[SessionId]);

    /// Tells all sockets that they may have missed something and are to ask for it.
    async fn sync_needed(&self);

    /// How many sockets are connected to this process.
    fn connections(&self) -> u64;

    /// The sessions whose sockets are connected to this process.
    fn sessions(&self) -> Vec<(SessionId, SessionKey)>;
}
