//! Getting in.

use std::{net::IpAddr, sync::Arc};

use crate::domain::{
    entities::{
        ids::ConversationId,
        user::{User, Username},
    },
    error::{DomainError, Result},
    interfaces::{
        account_repository::AccountRepository,
        clock::Clock,
        id_generator::IdGenerator,
        password_hasher::PasswordHasher,
        rate_limiter::{Action, RateLimiter, Subject},
        user_repository::UserRepository,
    },
};

#[derive(Debug)]
pub struct Credentials {
    pub username: String,
    pub password: String,
    pub address: IpAddr,
}

pub struct Login {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub limiter: Arc<dyn RateLimiter>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
}

impl Login {
    /// Takes the same time whether or not the account exists. Tries are counted by address, and by account and
    /// address together, so that nobody can lock somebody else out.
    ///
    /// # Errors
    /// `BadCredentials`; `Banned` when the password is right; `RateLimited` after too many tries.
    pub async fn execute(&self, input: Credentials) -> Result<User> {
        let name = input.username.trim().to_lowercase();
        let account = format!("{} {}", input.address, name.chars().take(64).collect::<String>());
        self.limiter.check(Action::LogIn, &Subject::Address(input.address))?;
        self.limiter.check(Action::LogIn, &Subject::Account(account))?;
        let account = match Username::parse(&name) {
            Ok(username) => self.users.find_with_hash(&username).await?,
            Err(_) => None,
        };
        let (user, hash) = account.unzip();
        let right = self.hasher.verify(input.password, hash).await?;
        let user = user.filter(|_| right).ok_or(DomainError::BadCredentials)?;
        self.settle(&user).await?;
        match self.accounts.account(user.id).await? {
            Some(account) if account.banned_at.is_some() => Err(DomainError::Banned),
            _ => Ok(user),
        }
    }

    async fn settle(&self, user: &User) -> Result<()> {
        let general = ConversationId::from_uuid(self.ids.next());
        match self.users.settle(user, general, self.clock.now()).await {
            // Somebody else was given the name a moment ago, and it is their password that counts from now on.
            Err(DomainError::UsernameTaken) => Err(DomainError::BadCredentials),
            outcome => outcome,
        }
    }
}
