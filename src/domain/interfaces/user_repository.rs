//! Where people are kept.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::domain::{
    entities::{
        ids::{ConversationId, UserId},
        timestamp::Timestamp,
        user::{PasswordHash, ProfilePatch, User, Username},
    },
    error::Result,
};

/// One page of people, sorted by username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    pub users: Vec<User>,
    /// Give this back as `after` for the next page; `None` on the last one.
    pub next: Option<Username>,
}

#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Stores the person and makes them a member of `general` (which is created with this id when it is not there
    /// yet), in one transaction. Their read position there is its newest message. Who comes when nobody is there, also
    /// nobody of another application, is made an administrator.
    ///
    /// # Errors
    /// `UsernameTaken`.
    async fn create(&self, user: &User, hash: &PasswordHash, general: ConversationId) -> Result<()>;

    /// Completes the account of somebody who was found by [`UserRepository::find_with_hash`] and proved who they are:
    /// people whom another application left in the database have none here before. They join `general` as in
    /// [`UserRepository::create`]. Does nothing for everybody else.
    ///
    /// # Errors
    /// `UsernameTaken` when somebody else has the name by now.
    async fn settle(&self, _user: &User, _general: ConversationId, _at: Timestamp) -> Result<()> {
        Ok(())
    }

    /// Whether the person may administrate the server; false for who is not there.
    async fn is_admin(&self, id: UserId) -> Result<bool>;

    async fn find(&self, id: UserId) -> Result<Option<User>>;

    /// Those of `ids` that exist, in any order.
    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>>;

    async fn find_with_hash(&self, username: &Username) -> Result<Option<(User, PasswordHash)>>;

    /// # Errors
    /// `NotFound`.
    async fn password_hash(&self, id: UserId) -> Result<PasswordHash>;

    /// # Errors
    /// `NotFound`.
    async fn set_password_hash(&self, id: UserId, hash: &PasswordHash) -> Result<()>;

    /// The person as they are afterwards.
    ///
    /// # Errors
    /// `NotFound`.
    async fn update_profile(&self, id: UserId, patch: &ProfilePatch) -> Result<User>;

    /// Remembers when a person's last connection ended; never moves backwards. Unknown ids are ignored.
    async fn set_last_seen(&self, id: UserId, at: Timestamp) -> Result<()>;

    /// The same for many people at once.
    ///
    /// # Errors
    /// The first one; the others are remembered all the same.
    async fn set_last_seen_of(&self, ids: &[UserId], at: Timestamp) -> Result<()> {
        let mut outcome = Ok(());
        for id in ids {
            outcome = self.set_last_seen(*id, at).await.and(outcome);
        }
        outcome
    }

    /// People whose username, or whose display name or one of its words, starts with `prefix` without regard to
    /// case and accents; everybody when it is empty. `after` continues a page.
    async fn search(&self, prefix: &str, after: Option<&Username>, limit: u32) -> Result<UserPage>;

    /// Those who share a direct conversation or a group with the person; not the person.
    async fn contacts(&self, id: UserId) -> Result<Vec<UserId>>;

    /// The same for many people at once; who has no contacts may be missing.
    async fn contacts_of(&self, ids: &[UserId]) -> Result<HashMap<UserId, Vec<UserId>>> {
        let mut contacts = HashMap::with_capacity(ids.len());
        for id in ids {
            contacts.insert(*id, self.contacts(*id).await?);
        }
        Ok(contacts)
    }
}
