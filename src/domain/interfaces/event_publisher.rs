//! Facts to people's sockets.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        change::Change,
        ids::{ConversationId, SessionId, UserId},
        marks::Marks,
        presence::Presence,
        session::SessionKey,
        user::User,
    },
    error::DomainError,
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

    /// Tells the person's own sockets what they marked.
    async fn marks(&self, user: UserId, marks: &Marks);

    /// Tells the person's own sockets, those who watch them, and all sockets of `contacts` how the person is now.
    async fn user(&self, user: &User, contacts: &[UserId]);

    /// Tells those who watch a person, and all sockets of `contacts`, that the account is closed.
    async fn user_gone(&self, user: UserId, contacts: &[UserId]);

    /// Whether a socket of the person is connected to this process.
    fn has_sockets(&self, user: UserId) -> bool;

    /// Writes down why something that is told could not be looked up.
    fn untold(&self, error: &DomainError);

    /// Closes the sockets of the person, who missed something that no `sync` brings.
    async fn cut_off(&self, user: UserId);

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
