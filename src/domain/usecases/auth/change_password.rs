//! A new password ends every other session.

use std::sync::Arc;

use super::register::check_password;
use crate::domain::{
    entities::actor::Actor,
    error::{DomainError, Result},
    interfaces::{
        event_publisher::EventPublisher,
        password_hasher::PasswordHasher,
        password_screen::PasswordScreen,
        rate_limiter::{Action, RateLimiter, Subject},
        session_repository::SessionRepository,
        user_repository::UserRepository,
    },
};

#[derive(Debug)]
pub struct PasswordChange {
    pub current: String,
    pub new: String,
}

pub struct ChangePassword {
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub screen: Arc<dyn PasswordScreen>,
    pub limiter: Arc<dyn RateLimiter>,
    pub publisher: Arc<dyn EventPublisher>,
}

impl ChangePassword {
    /// # Errors
    /// `Invalid` naming `newPassword`; `BadCredentials` when the current one is wrong; `RateLimited`.
    pub async fn execute(&self, actor: Actor, input: PasswordChange) -> Result<()> {
        let user = self.users.find(actor.user).await?.ok_or(DomainError::Unauthenticated)?;
        let new = check_password(self.screen.as_ref(), &input.new, Some(&user.username), "newPassword")
            .map_err(|error| DomainError::Invalid(vec![error]))?;
        self.limiter.check(Action::LogIn, &Subject::User(actor.user))?;
        let hash = self.users.password_hash(actor.user).await?;
        if !self.hasher.verify(input.current, Some(hash)).await? {
            return Err(DomainError::BadCredentials);
        }
        let hash = self.hasher.hash(new).await?;
        self.users.set_password_hash(actor.user, &hash).await?;
        let ended = self.sessions.delete_others(actor.user, Some(actor.session)).await?;
        let ended: Vec<_> = ended.iter().map(|session| session.id).collect();
        self.publisher.end_sessions(&ended).await;
        Ok(())
    }
}
