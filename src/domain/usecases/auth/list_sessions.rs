//! Where somebody is signed in.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, session::Session},
    error::Result,
    interfaces::{clock::Clock, session_repository::SessionRepository},
};

pub struct ListSessions {
    pub sessions: Arc<dyn SessionRepository>,
    pub clock: Arc<dyn Clock>,
}

impl ListSessions {
    /// The last seen first.
    pub async fn execute(&self, actor: Actor) -> Result<Vec<Session>> {
        self.sessions.list(actor.user, self.clock.now()).await
    }
}
