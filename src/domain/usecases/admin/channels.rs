//! What administrators do to channels.

use std::sync::Arc;

use super::require_admin;
use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{Conversation, ConversationKind, Title},
        ids::ConversationId,
    },
    error::{DomainError, Result},
    interfaces::{
        conversation_repository::ConversationRepository, invite_repository::InviteRepository,
        user_repository::UserRepository,
    },
    usecases::{attachments::tidy::Tidy, conversations::browse_channels::BrowseChannels},
};

/// A page of channels.
#[derive(Debug)]
pub struct Channels {
    pub channels: Vec<Conversation>,
    pub general: Option<ConversationId>,
    pub next: Option<String>,
}

pub struct AdministrateChannels {
    pub users: Arc<dyn UserRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub invites: Arc<dyn InviteRepository>,
    pub browse: BrowseChannels,
    pub tidy: Arc<Tidy>,
}

impl AdministrateChannels {
    /// # Errors
    /// `Forbidden`; `Invalid` naming `query`.
    pub async fn list(
        &self,
        actor: Actor,
        query: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Channels> {
        require_admin(self.users.as_ref(), actor).await?;
        let page = self.browse.execute(actor, query, cursor, limit).await?;
        let channels = page.channels.into_iter().map(|view| view.conversation).collect();
        Ok(Channels { channels, general: self.conversations.general().await?, next: page.next })
    }

    /// # Errors
    /// `Forbidden`, also for `general`; `NotFound`; `Invalid` naming `title`; `TitleTaken`.
    pub async fn rename(&self, actor: Actor, id: ConversationId, title: &str) -> Result<Conversation> {
        self.ensure_may(actor, id).await?;
        let title = Title::parse(title).map_err(|error| DomainError::Invalid(vec![error]))?;
        self.conversations.rename(id, Some(&title)).await
    }

    /// # Errors
    /// `Forbidden`, also for `general`; `NotFound`.
    pub async fn delete(&self, actor: Actor, id: ConversationId) -> Result<()> {
        self.ensure_may(actor, id).await?;
        self.tidy.attachments.unsettle_conversation(id).await?;
        self.conversations.delete(id).await?;
        // Nobody can open its files any more; what cannot be deleted now is swept.
        drop(self.tidy.remove_conversation(id).await);
        drop(self.invites.delete_all(id).await);
        Ok(())
    }

    async fn ensure_may(&self, actor: Actor, id: ConversationId) -> Result<()> {
        require_admin(self.users.as_ref(), actor).await?;
        if self.conversations.kind_of(id).await? != Some(ConversationKind::Channel) {
            return Err(DomainError::NotFound("channel"));
        }
        if self.conversations.general().await? == Some(id) { Err(DomainError::Forbidden) } else { Ok(()) }
    }
}
