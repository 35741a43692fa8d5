//! People to talk to.

use std::sync::Arc;

use crate::domain::{
    entities::user::Username,
    error::{DomainError, Result},
    interfaces::user_repository::{UserPage, UserRepository},
};

pub struct SearchUsers {
    pub users: Arc<dyn UserRepository>,
}

impl SearchUsers {
    /// # Errors
    /// `Invalid` naming `query` or `cursor`.
    pub async fn execute(&self, query: &str, cursor: Option<&str>, limit: u32) -> Result<UserPage> {
        if query.chars().count() > 64 {
            return Err(DomainError::invalid("query", "must be at most 64 characters"));
        }
        let after = cursor
            .map(Username::parse)
            .transpose()
            .map_err(|_| DomainError::invalid("cursor", "is not one that this server gave"))?;
        self.users.search(query.trim(), after.as_ref(), limit).await
    }
}
