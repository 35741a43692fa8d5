//! What the administrators of the server do.

pub mod server;

use crate::domain::{
    entities::actor::Actor,
    error::{DomainError, Result},
    interfaces::user_repository::UserRepository,
};

/// What every use case of administrators asks first.
///
/// # Errors
/// `Forbidden`.
pub async fn require_admin(users: &dyn UserRepository, actor: Actor) -> Result<()> {
    if users.is_admin(actor.user).await? { Ok(()) } else { Err(DomainError::Forbidden) }
}
