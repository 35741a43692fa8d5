//! Opening an account.

use std::sync::Arc;

use crate::domain::{
    entities::{
        ids::{ConversationId, UserId},
        registration::Registration,
        user::{DisplayName, NewPassword, User, Username},
    },
    error::{DomainError, FieldError, Result},
    interfaces::{
        account_repository::AccountRepository, clock::Clock, id_generator::IdGenerator,
        password_hasher::PasswordHasher, password_screen::PasswordScreen, user_repository::UserRepository,
    },
    usecases::invites::look::LookAtInvite,
};

#[derive(Debug)]
pub struct NewAccount {
    pub username: String,
    pub password: String,
    pub display_name: Option<String>,
    /// An invitation into a group or channel. It is not used up.
    pub invite: Option<String>,
}

pub struct Register {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
    pub look: LookAtInvite,
    pub hasher: Arc<dyn PasswordHasher>,
    pub screen: Arc<dyn PasswordScreen>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
}

impl Register {
    /// # Errors
    /// `RegistrationClosed`; `Invalid` with every field that is at fault; `UsernameTaken`.
    pub async fn execute(&self, input: NewAccount) -> Result<User> {
        self.ensure_open(input.invite.as_deref()).await?;
        let (username, display_name, password) = self.parse(&input)?;
        if self.users.find_with_hash(&username).await?.is_some() {
            return Err(DomainError::UsernameTaken);
        }
        let hash = self.hasher.hash(password).await?;
        let user = User {
            id: UserId::from_uuid(self.ids.next()),
            username,
            display_name,
            locale: None,
            avatar: None,
            created_at: self.clock.now(),
            last_seen_at: None,
        };
        self.users.create(&user, &hash, ConversationId::from_uuid(self.ids.next())).await?;
        Ok(user)
    }

    /// The very first account is always let in.
    async fn ensure_open(&self, invite: Option<&str>) -> Result<()> {
        let is_open = match self.accounts.registration().await? {
            Registration::Open => true,
            Registration::Invite => self.is_invitation(invite).await?,
            Registration::Closed => false,
        };
        if is_open || self.accounts.is_empty().await? { Ok(()) } else { Err(DomainError::RegistrationClosed) }
    }

    async fn is_invitation(&self, invite: Option<&str>) -> Result<bool> {
        let Some(id) = invite.and_then(|id| id.parse().ok()) else { return Ok(false) };
        match self.look.execute(id).await {
            Ok(_) => Ok(true),
            Err(DomainError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn parse(&self, input: &NewAccount) -> Result<(Username, DisplayName, NewPassword)> {
        let mut errors = Vec::new();
        let username = Username::parse(&input.username).map_err(|e| errors.push(e)).ok();
        let display_name = match &input.display_name {
            Some(name) => DisplayName::parse(name).map_err(|e| errors.push(e)).ok(),
            None => username.as_ref().map(DisplayName::from),
        };
        let password =
            self.password(&input.password, username.as_ref(), "password").map_err(|e| errors.push(e)).ok();
        match (username, display_name, password) {
            (Some(username), Some(name), Some(password)) => Ok((username, name, password)),
            _ => Err(DomainError::Invalid(errors)),
        }
    }

    fn password(
        &self,
        text: &str,
        username: Option<&Username>,
        field: &str,
    ) -> Result<NewPassword, FieldError> {
        check_password(self.screen.as_ref(), text, username, field)
    }
}

/// The one rule for new passwords, for registering and for changing. Without a valid username the other rules are
/// still checked, so that one answer names every field at fault.
pub(super) fn check_password(
    screen: &dyn PasswordScreen,
    text: &str,
    username: Option<&Username>,
    field: &str,
) -> Result<NewPassword, FieldError> {
    let password = NewPassword::parse(text, username, field)?;
    if screen.is_common(text) {
        return Err(FieldError::new(field, "is on the list of common passwords"));
    }
    Ok(password)
}
