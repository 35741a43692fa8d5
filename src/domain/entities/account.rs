//! Accounts as administrators see them.

use super::{timestamp::Timestamp, user::User};
use crate::domain::error::FieldError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    /// Whether they may administrate the server.
    pub admin: bool,
    /// Since when they may not sign in.
    pub banned_at: Option<Timestamp>,
}

/// What an administrator changes of an account; `None` leaves a field as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountPatch {
    pub admin: Option<bool>,
    /// `Some(None)` lets them sign in again.
    pub banned_at: Option<Option<Timestamp>>,
}

/// Which accounts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AccountFilter {
    #[default]
    All,
    Admins,
    Banned,
}

/// Why the last administrator stays one.
pub fn last_admin() -> FieldError {
    FieldError::new("admin", "is the last administrator: make somebody else one first")
}

impl Account {
    /// As the patch makes it. Who is banned stays so since the first time.
    ///
    /// # Errors
    /// Naming `admin` for the last administrator, and for who is banned; `banned` for an administrator.
    pub fn patched(&self, patch: AccountPatch, is_last_admin: bool) -> Result<Self, FieldError> {
        let admin = patch.admin.unwrap_or(self.admin);
        let banned_at = match patch.banned_at {
            Some(Some(at)) => self.banned_at.or(Some(at)),
            Some(None) => None,
            None => self.banned_at,
        };
        if is_last_admin && !admin {
            return Err(last_admin());
        }
        match (admin && banned_at.is_some(), patch.banned_at) {
            (true, Some(_)) => {
                Err(FieldError::new("banned", "is an administrator: take that right away first"))
            }
            (true, None) => Err(FieldError::new("admin", "is banned: let them sign in again first")),
            (false, _) => Ok(Self { user: self.user.clone(), admin, banned_at }),
        }
    }
}
