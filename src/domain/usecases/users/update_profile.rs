//! Changing one's own profile.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        user::{DisplayName, Locale, ProfilePatch, User},
    },
    error::{DomainError, Result},
    interfaces::user_repository::UserRepository,
    usecases::attachments::avatar::Avatars,
};

#[derive(Debug)]
pub struct ProfileInput {
    pub display_name: Option<String>,
    /// `Some(None)` takes the picture away.
    pub avatar_id: Option<Option<String>>,
    pub locale: Option<String>,
}

pub struct UpdateProfile {
    pub users: Arc<dyn UserRepository>,
    pub avatars: Arc<Avatars>,
}

impl UpdateProfile {
    /// # Errors
    /// `Invalid` with every field that is at fault; `avatarId` is looked at when the others are right.
    pub async fn execute(&self, actor: Actor, input: ProfileInput) -> Result<User> {
        let mut errors = Vec::new();
        let display_name = input.display_name.as_deref().map(DisplayName::parse);
        let display_name = display_name.transpose().map_err(|e| errors.push(e)).ok().flatten();
        let locale = input.locale.as_deref().map(Locale::parse);
        let locale = locale.transpose().map_err(|e| errors.push(e)).ok().flatten();
        if !errors.is_empty() {
            return Err(DomainError::Invalid(errors));
        }
        let Some(avatar) = input.avatar_id else {
            let patch = ProfilePatch { display_name, locale, avatar: None };
            return self.users.update_profile(actor.user, &patch).await;
        };
        let old = self.users.find(actor.user).await?.and_then(|user| user.avatar);
        let new = match avatar {
            // The same again, whose image is gone by now.
            Some(id) if old.is_some_and(|old| id.parse() == Ok(old)) => old,
            Some(id) => Some(self.avatars.make(actor, &id).await?),
            None => None,
        };
        let patch = ProfilePatch { display_name, locale, avatar: Some(new) };
        let user = self.users.update_profile(actor.user, &patch).await?;
        if old != new {
            if let Some(new) = new {
                self.avatars.drop_source(new).await;
            }
            if let Some(old) = old {
                // At worst it lies there, and nobody knows its name.
                drop(self.avatars.delete(old).await);
            }
        }
        Ok(user)
    }
}
