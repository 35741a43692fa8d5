//! What administrators do to accounts.

use std::sync::Arc;

use super::{end_sessions, require_admin};
use crate::domain::{
    entities::{
        account::{Account, AccountFilter, AccountPatch},
        actor::Actor,
        ids::UserId,
        user::{NewPassword, Username},
    },
    error::{DomainError, Result},
    interfaces::{
        account_repository::{AccountPage, AccountRepository},
        clock::Clock,
        event_publisher::EventPublisher,
        id_generator::IdGenerator,
        password_hasher::PasswordHasher,
        session_repository::SessionRepository,
        user_repository::UserRepository,
    },
    usecases::users::close_account::CloseAccount,
};

const NOT_FOUND: DomainError = DomainError::NotFound("user");

/// Which accounts are wanted.
#[derive(Debug)]
pub struct AccountsWanted<'a> {
    pub query: &'a str,
    pub filter: AccountFilter,
    /// `next` of the page before.
    pub cursor: Option<&'a str>,
    pub limit: u32,
}

/// What is to become of an account; `None` leaves it as it is.
#[derive(Debug, Clone, Copy)]
pub struct AccountChange {
    pub admin: Option<bool>,
    pub banned: Option<bool>,
}

pub struct AdministrateAccounts {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub publisher: Arc<dyn EventPublisher>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub close: Arc<CloseAccount>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
}

impl AdministrateAccounts {
    /// # Errors
    /// `Forbidden`; `Invalid` naming `query` or `cursor`.
    pub async fn list(&self, actor: Actor, wanted: AccountsWanted<'_>) -> Result<AccountPage> {
        require_admin(self.users.as_ref(), actor).await?;
        if wanted.query.chars().count() > 100 {
            return Err(DomainError::invalid("query", "must be at most 100 characters"));
        }
        let after = wanted.cursor.map(Username::parse).transpose();
        let after = after.map_err(|_| DomainError::invalid("cursor", "is not one of this list"))?;
        self.accounts.accounts(wanted.query.trim(), wanted.filter, after.as_ref(), wanted.limit).await
    }

    /// Who is banned is signed out everywhere.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound`; `Invalid` naming `banned` for oneself and for administrators, `admin` for the last one.
    pub async fn change(&self, actor: Actor, id: UserId, change: AccountChange) -> Result<Account> {
        require_admin(self.users.as_ref(), actor).await?;
        if id == actor.user && change.banned == Some(true) {
            return Err(DomainError::invalid("banned", "is yourself"));
        }
        let now = self.clock.now();
        let banned_at = change.banned.map(|banned| banned.then_some(now));
        let account =
            self.accounts.patch_account(id, AccountPatch { admin: change.admin, banned_at }).await?;
        if account.banned_at.is_some() {
            end_sessions(self.sessions.as_ref(), self.publisher.as_ref(), id).await?;
        }
        Ok(account)
    }

    /// A new password that nobody guesses, told once; the person is signed out everywhere.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound`.
    pub async fn reset_password(&self, actor: Actor, id: UserId) -> Result<String> {
        require_admin(self.users.as_ref(), actor).await?;
        self.users.find(id).await?.ok_or(NOT_FOUND)?;
        let text = readable(self.ids.secret().as_bytes());
        let password = NewPassword::parse(&text, None, "password")
            .map_err(|error| DomainError::internal(error.reason))?;
        let hash = self.hasher.hash(password).await?;
        self.users.set_password_hash(id, &hash).await?;
        end_sessions(self.sessions.as_ref(), self.publisher.as_ref(), id).await?;
        Ok(text)
    }

    /// # Errors
    /// `Forbidden` (also for oneself and other administrators); `NotFound`.
    pub async fn delete(&self, actor: Actor, id: UserId) -> Result<()> {
        require_admin(self.users.as_ref(), actor).await?;
        let account = self.accounts.account(id).await?.ok_or(NOT_FOUND)?;
        if account.admin {
            return Err(DomainError::Forbidden);
        }
        self.close.execute(id).await
    }
}

/// Four groups of five characters that are hard to mistake for each other: 100 bits out of the id's 122 random ones.
fn readable(secret: &[u8; 16]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut text = String::with_capacity(23);
    // The bytes with the version and the variant are left out.
    let random = secret.iter().enumerate().filter(|(place, _)| ![6, 8].contains(place)).map(|(_, byte)| byte);
    let mut bits = random.fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    for place in 0..20 {
        if place > 0 && place % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[(bits & 31) as usize]));
        bits >>= 5;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_new_and_may_be_typed() {
        let (one, other) = (readable(&[7; 16]), readable(&[8; 16]));
        assert_ne!(one, other);
        assert!(NewPassword::parse(&one, None, "password").is_ok());
        assert_eq!((one.len(), one.matches('-').count()), (23, 3));
        let (mut a, mut b) = ([0; 16], [0; 16]);
        (a[15], b[6]) = (1, 0xff);
        assert_ne!(readable(&a), readable(&[0; 16]));
        assert_eq!(readable(&b), readable(&[0; 16]));
    }
}
