//! Who the ids belong to.

use std::sync::Arc;

use crate::domain::{
    entities::{ids::UserId, user::User},
    error::{DomainError, Result},
    interfaces::user_repository::UserRepository,
};

pub struct FindUsers {
    pub users: Arc<dyn UserRepository>,
}

impl FindUsers {
    /// # Errors
    /// `NotFound`.
    pub async fn one(&self, id: UserId) -> Result<User> {
        self.users.find(id).await?.ok_or(DomainError::NotFound("user"))
    }

    /// Those that exist, in any order.
    ///
    /// # Errors
    /// `Invalid` naming `ids` when there are more than 200.
    pub async fn many(&self, ids: &[UserId]) -> Result<Vec<User>> {
        if ids.len() > 200 {
            return Err(DomainError::invalid("ids", "must be at most 200"));
        }
        self.users.find_many(ids).await
    }
}
