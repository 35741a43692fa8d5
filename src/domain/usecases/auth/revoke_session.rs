//! Signing a device out from another one.

use std::sync::Arc;

use crate::domain::{
    entities::{actor::Actor, ids::SessionId},
    error::{DomainError, Result},
    interfaces::{event_publisher::EventPublisher, session_repository::SessionRepository},
};

pub struct RevokeSession {
    pub sessions: Arc<dyn SessionRepository>,
    pub publisher: Arc<dyn EventPublisher>,
}

impl RevokeSession {
    /// # Errors
    /// `NotFound` when the person has no such session.
    pub async fn execute(&self, actor: Actor, id: SessionId) -> Result<()> {
        match self.sessions.delete_by_id(actor.user, id).await? {
            Some(_) => {
                self.publisher.end_sessions(&[id]).await;
                Ok(())
            }
            None => Err(DomainError::NotFound("session")),
        }
    }
}
