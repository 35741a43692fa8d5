//! The server as a whole.

use std::sync::Arc;

use super::require_admin;
use crate::domain::{
    entities::{actor::Actor, registration::Registration, timestamp::Timestamp},
    error::Result,
    interfaces::{
        account_repository::{AccountRepository, Figures},
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
        Ok(Server { registration: self.accounts.registration().await?, admin })
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
