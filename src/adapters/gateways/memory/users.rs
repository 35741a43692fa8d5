use std::sync::Arc;

use async_trait::async_trait;

use super::{Memory, Room};
use crate::domain::{
    entities::{
        change::Change,
        conversation::{ConversationKind, GENERAL_TITLE, Title},
        ids::{ConversationId, UserId},
        search_text::{fold, name_keys},
        timestamp::Timestamp,
        user::{PasswordHash, ProfilePatch, User, Username},
    },
    error::{DomainError, Result},
    interfaces::user_repository::{UserPage, UserRepository},
};

const NOT_FOUND: DomainError = DomainError::NotFound("user");

pub(super) fn is_called(user: &User, prefix: &str) -> bool {
    user.username.as_str().starts_with(prefix)
        || name_keys(user.display_name.as_str()).iter().any(|key| key.starts_with(prefix))
}

#[async_trait]
impl UserRepository for Memory {
    async fn create(&self, user: &User, hash: &PasswordHash, general: ConversationId) -> Result<()> {
        let mut state = self.state()?;
        if state.users.values().any(|(other, _)| other.username == user.username) {
            return Err(DomainError::UsernameTaken);
        }
        if state.users.is_empty() {
            state.admins.insert(user.id);
        }
        state.users.insert(user.id, (user.clone(), hash.clone()));
        if let Some(general) = state.rooms.values().find(|room| room.is_general).map(|room| room.id) {
            state.join(general, &[user.id], user.created_at)?;
            return Ok(());
        }
        let title = Title::parse(GENERAL_TITLE).map_err(|error| DomainError::Invalid(vec![error]))?;
        let mut room = Room::new(general, ConversationKind::Channel, Some(title), user.created_at);
        room.is_general = true;
        let members = room.add(&[user.id], None, user.created_at);
        state.publish(Change::ConversationCreated { conversation: Arc::new(room.conversation()), members });
        state.rooms.insert(general, room);
        Ok(())
    }

    async fn is_admin(&self, id: UserId) -> Result<bool> {
        Ok(self.state()?.admins.contains(&id))
    }

    async fn find(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.state()?.users.get(&id).map(|(user, _)| user.clone()))
    }

    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let state = self.state()?;
        Ok(state
            .users
            .values()
            .map(|(user, _)| user)
            .filter(|user| ids.contains(&user.id))
            .cloned()
            .collect())
    }

    async fn find_with_hash(&self, username: &Username) -> Result<Option<(User, PasswordHash)>> {
        Ok(self.state()?.users.values().find(|(user, _)| user.username == *username).cloned())
    }

    async fn password_hash(&self, id: UserId) -> Result<PasswordHash> {
        self.state()?.users.get(&id).map(|(_, hash)| hash.clone()).ok_or(NOT_FOUND)
    }

    async fn set_password_hash(&self, id: UserId, hash: &PasswordHash) -> Result<()> {
        self.state()?.users.get_mut(&id).ok_or(NOT_FOUND)?.1 = hash.clone();
        Ok(())
    }

    async fn update_profile(&self, id: UserId, patch: &ProfilePatch) -> Result<User> {
        let mut state = self.state()?;
        let (user, _) = state.users.get_mut(&id).ok_or(NOT_FOUND)?;
        if let Some(display_name) = &patch.display_name {
            user.display_name = display_name.clone();
        }
        if let Some(locale) = &patch.locale {
            user.locale = Some(locale.clone());
        }
        user.avatar = patch.avatar.unwrap_or(user.avatar);
        Ok(user.clone())
    }

    async fn set_last_seen(&self, id: UserId, at: Timestamp) -> Result<()> {
        if let Some((user, _)) = self.state()?.users.get_mut(&id) {
            user.last_seen_at = user.last_seen_at.max(Some(at));
        }
        Ok(())
    }

    async fn search(&self, prefix: &str, after: Option<&Username>, limit: u32) -> Result<UserPage> {
        let prefix = fold(prefix);
        let state = self.state()?;
        let mut users: Vec<User> = state
            .users
            .values()
            .map(|(user, _)| user)
            .filter(|user| after.is_none_or(|after| user.username > *after) && is_called(user, &prefix))
            .cloned()
            .collect();
        users.sort_by(|a, b| a.username.cmp(&b.username));
        let limit = limit.max(1) as usize;
        let next = (users.len() > limit).then(|| users[limit - 1].username.clone());
        users.truncate(limit);
        Ok(UserPage { users, next })
    }

    async fn contacts(&self, id: UserId) -> Result<Vec<UserId>> {
        let state = self.state()?;
        let mut contacts: Vec<UserId> = state
            .rooms_of(id)
            .into_iter()
            .filter(|room| room.kind != ConversationKind::Channel)
            .flat_map(|room| room.members.iter().map(|member| member.user))
            .filter(|user| *user != id)
            .collect();
        contacts.sort_unstable();
        contacts.dedup();
        Ok(contacts)
    }
}
