//! What everybody may know of the server.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, registration::Registration},
    error::Result,
    interfaces::{account_repository::AccountRepository, user_repository::UserRepository},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    pub registration: Registration,
    /// Whether who asks is an administrator.
    pub admin: bool,
}

pub struct LookAtServer {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
}

impl LookAtServer {
    /// `actor` is nobody who is not signed in.
    pub async fn execute(&self, actor: Option<Actor>) -> Result<Server> {
        let admin = match actor {
            Some(actor) => self.users.is_admin(actor.user).await?,
            None => false,
        };
        Ok(Server { registration: self.accounts.registration().await?, admin })
    }
}
