//! The server as a whole.

use std::sync::Arc;

use super::require_admin;
use crate::domain::{
    entities::{actor::Actor, ids::ConversationId, registration::Registration, timestamp::Timestamp},
    error::Result,
    interfaces::{
        account_repository::{AccountRepository, Figures},
        conversation_repository::ConversationRepository,
        event_publisher::EventPublisher,
        user_repository::UserRepository,
    },
};

/// What everybody may know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    pub registration: Registration,
    /// Whether who asks is an administrator.
    pub admin: bool,
    /// The channel that everybody is in; nobody has an account before it is there.
    pub general: Option<ConversationId>,
}

/// What administrators may know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerFigures {
    pub figures: Figures,
    /// Open sockets of this process.
    pub connections: u64,
    /// When this process began to serve.
    pub started_at: Timestamp,
}

pub struct AdministrateServer {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub publisher: Arc<dyn EventPublisher>,
    pub started_at: Timestamp,
}

impl AdministrateServer {
    /// `actor` is nobody who is not signed in.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn look(&self, actor: Option<Actor>) -> Result<Server> {
        let admin = match actor {
            Some(actor) => self.users.is_admin(actor.user).await?,
            None => false,
        };
        let registration = self.accounts.registration().await?;
        Ok(Server { registration, admin, general: self.conversations.general().await? })
    }

    /// # Errors
    /// `Forbidden`.
    pub async fn set_registration(&self, actor: Actor, mode: Registration) -> Result<()> {
        require_admin(self.users.as_ref(), actor).await?;
        self.accounts.set_registration(mode).await
    }

    /// # Errors
    /// `Forbidden`.
    pub async fn figures(&self, actor: Actor) -> Result<ServerFigures> {
        require_admin(self.users.as_ref(), actor).await?;
        let figures = self.accounts.figures().await?;
        Ok(ServerFigures { figures, connections: self.publisher.connections(), started_at: self.started_at })
    }
}
