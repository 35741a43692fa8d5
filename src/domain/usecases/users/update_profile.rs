//! Changing one's own profile.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        user::{DisplayName, Locale, ProfilePatch, User},
    },
    error::{DomainError, Result},
    interfaces::user_repository::UserRepository,
};

#[derive(Debug)]
pub struct ProfileInput {
    pub display_name: Option<String>,
    pub avatar_id: Option<String>,
    pub locale: Option<String>,
}

pub struct UpdateProfile {
    pub users: Arc<dyn UserRepository>,
}

impl UpdateProfile {
    /// # Errors
    /// `Invalid` with every field that is at fault.
    pub async fn execute(&self, actor: Actor, input: ProfileInput) -> Result<User> {
        let mut errors = Vec::new();
        let display_name = input.display_name.as_deref().map(DisplayName::parse);
        let display_name = display_name.transpose().map_err(|e| errors.push(e)).ok().flatten();
        let locale = input.locale.as_deref().map(Locale::parse);
        let locale = locale.transpose().map_err(|e| errors.push(e)).ok().flatten();
        if input.avatar_id.is_some() {
            errors.push(crate::domain::error::FieldError::new("avatarId", "there is no such upload"));
        }
        if !errors.is_empty() {
            return Err(DomainError::Invalid(errors));
        }
        self.users.update_profile(actor.user, &ProfilePatch { display_name, locale }).await
    }
}
