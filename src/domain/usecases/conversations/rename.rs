//! Another title.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, ConversationView, Title},
        ids::ConversationId,
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::ConversationRepository,
};

pub struct RenameConversation {
    pub conversations: Arc<dyn ConversationRepository>,
}

impl RenameConversation {
    /// Owners and admins may. `general` keeps its name.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`; `DirectFixed`; `Forbidden`; `Invalid` naming `title`; `TitleTaken`.
    pub async fn execute(
        &self,
        actor: Actor,
        id: ConversationId,
        title: Option<&str>,
    ) -> Result<ConversationView> {
        let membership = self.conversations.membership(id, actor.user).await?;
        if membership.kind == ConversationKind::Direct {
            return Err(DomainError::DirectFixed);
        }
        if membership.is_general || !membership.role.moderates() {
            return Err(DomainError::Forbidden);
        }
        let Some(title) = title else {
            return self.conversations.view(id, actor.user).await;
        };
        let title = Title::parse(title).map_err(|error| DomainError::Invalid(vec![error]))?;
        self.conversations.rename(id, Some(&title)).await?;
        self.conversations.view(id, actor.user).await
    }
}
