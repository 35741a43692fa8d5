//! Who is in a conversation.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::Role,
        ids::{ConversationId, UserId},
        user::User,
    },
    error::{DomainError, Result},
    interfaces::{conversation_repository::ConversationRepository, user_repository::UserRepository},
};

pub struct ListMembers {
    pub conversations: Arc<dyn ConversationRepository>,
    pub users: Arc<dyn UserRepository>,
}

impl ListMembers {
    /// One page in the order in which they joined, and the cursor of the next one.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`; `Invalid` naming `cursor`.
    pub async fn execute(
        &self,
        actor: Actor,
        id: ConversationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<(User, Role)>, Option<UserId>)> {
        let after = cursor
            .map(str::parse::<UserId>)
            .transpose()
            .map_err(|_| DomainError::invalid("cursor", "is not one that this server gave"))?;
        self.conversations.membership(id, actor.user).await?;
        let page = self.conversations.members(id, after, limit).await?;
        let ids: Vec<UserId> = page.members.iter().map(|member| member.user).collect();
        let mut users: std::collections::HashMap<UserId, User> =
            self.users.find_many(&ids).await?.into_iter().map(|user| (user.id, user)).collect();
        let members = page
            .members
            .iter()
            .filter_map(|member| users.remove(&member.user).map(|user| (user, member.role)))
            .collect();
        Ok((members, page.next))
    }
}
