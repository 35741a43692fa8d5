//! What the administrators of the server do.

pub mod accounts;
pub mod channels;
pub mod make_admin;
pub mod server;

use crate::domain::{
    entities::{actor::Actor, ids::UserId},
    error::{DomainError, Result},
    interfaces::{
        event_publisher::EventPublisher, session_repository::SessionRepository,
        user_repository::UserRepository,
    },
};

/// What every use case of administrators asks first.
///
/// # Errors
/// `Forbidden`.
pub async fn require_admin(users: &dyn UserRepository, actor: Actor) -> Result<()> {
    if users.is_admin(actor.user).await? { Ok(()) } else { Err(DomainError::Forbidden) }
}

/// Signs a person out everywhere: their cookies are dead, and their sockets close.
///
/// # Errors
/// `Unavailable`.
pub(super) async fn end_sessions(
    sessions: &dyn SessionRepository,
    publisher: &dyn EventPublisher,
    user: UserId,
) -> Result<()> {
    let ended: Vec<_> = sessions.delete_others(user, None).await?.iter().map(|session| session.id).collect();
    publisher.end_sessions(&ended).await;
    Ok(())
}
