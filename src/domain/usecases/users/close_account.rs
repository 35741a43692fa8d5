//! The end of an account. What the person wrote stays.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        ids::{SessionId, UserId},
    },
    error::{DomainError, Result},
    interfaces::{
        account_repository::AccountRepository,
        clock::Clock,
        conversation_repository::ConversationRepository,
        event_publisher::EventPublisher,
        password_hasher::PasswordHasher,
        rate_limiter::{Action, RateLimiter, Subject},
        session_repository::SessionRepository,
        user_repository::UserRepository,
    },
    usecases::{
        admin::end_sessions, attachments::avatar::Avatars, conversations::remove_member::RemoveMember,
    },
};

pub struct CloseAccount {
    pub accounts: Arc<dyn AccountRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub leave: RemoveMember,
    pub avatars: Arc<Avatars>,
    pub publisher: Arc<dyn EventPublisher>,
    pub clock: Arc<dyn Clock>,
}

impl CloseAccount {
    /// Signs the person out everywhere, takes them out of groups and channels, and forgets them. Whatever interrupts it
    /// before the last step leaves an account, which can be closed again. Uploads that no message has are swept.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` naming `admin` for the only administrator while there are others.
    pub async fn execute(&self, user: UserId) -> Result<()> {
        self.accounts.ensure_may_close(user).await?;
        end_sessions(self.sessions.as_ref(), self.publisher.as_ref(), user).await?;
        self.leave_all(user).await?;
        let account = self.accounts.close_account(user, self.clock.now()).await?;
        // Nobody can sign in or be added any more: now whatever came about meanwhile.
        end_sessions(self.sessions.as_ref(), self.publisher.as_ref(), user).await?;
        self.leave_all(user).await?;
        if let Some(avatar) = account.user.avatar {
            // At worst it lies there, and nobody knows its name.
            drop(self.avatars.delete(avatar).await);
        }
        Ok(())
    }

    async fn leave_all(&self, user: UserId) -> Result<()> {
        // Whose session it is does not matter to leaving.
        let actor = Actor { user, session: SessionId::from_uuid(user.as_uuid()) };
        for conversation in self.conversations.ids_of(user).await? {
            match self.leave.execute(actor, conversation, user).await {
                // A direct conversation is kept, and what is gone or left already needs no leaving.
                Ok(())
                | Err(DomainError::DirectFixed | DomainError::NotFound(_) | DomainError::NotMember) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Closing one's own account.
pub struct CloseOwnAccount {
    pub users: Arc<dyn UserRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub limiter: Arc<dyn RateLimiter>,
    pub close: Arc<CloseAccount>,
}

impl CloseOwnAccount {
    /// # Errors
    /// `BadCredentials` for a wrong password; `RateLimited`; those of [`CloseAccount::execute`].
    pub async fn execute(&self, actor: Actor, password: String) -> Result<()> {
        self.limiter.check(Action::LogIn, &Subject::User(actor.user))?;
        let hash = self.users.password_hash(actor.user).await?;
        if !self.hasher.verify(password, Some(hash)).await? {
            return Err(DomainError::BadCredentials);
        }
        self.close.execute(actor.user).await
    }
}
