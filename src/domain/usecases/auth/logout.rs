//! Getting out: the cookie and the sockets of the session end.

use std::sync::Arc;

use crate::domain::{
    entities::actor::Actor,
    error::Result,
    interfaces::{event_publisher::EventPublisher, session_repository::SessionRepository},
};

pub struct Logout {
    pub sessions: Arc<dyn SessionRepository>,
    pub publisher: Arc<dyn EventPublisher>,
}

impl Logout {
    pub async fn execute(&self, actor: Actor) -> Result<()> {
        self.sessions.delete_by_id(actor.user, actor.session).await?;
        self.publisher.end_sessions(&[actor.session]).await;
        Ok(())
    }
}
