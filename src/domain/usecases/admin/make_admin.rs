//! An administrator by decision of whoever runs the server.

use std::sync::Arc;

use crate::domain::{
    entities::{account::AccountPatch, user::Username},
    error::{DomainError, Result},
    interfaces::{account_repository::AccountRepository, user_repository::UserRepository},
};

pub struct MakeAdmin {
    pub users: Arc<dyn UserRepository>,
    pub accounts: Arc<dyn AccountRepository>,
}

impl MakeAdmin {
    /// # Errors
    /// `NotFound`, also for who is in another application's data and has not signed in yet; `Invalid` naming `admin`
    /// for who is banned.
    pub async fn execute(&self, username: &Username) -> Result<()> {
        let (user, _) = self.users.find_with_hash(username).await?.ok_or(DomainError::NotFound("user"))?;
        let patch = AccountPatch { admin: Some(true), banned_at: None };
        self.accounts.patch_account(user.id, patch).await.map(drop)
    }
}
