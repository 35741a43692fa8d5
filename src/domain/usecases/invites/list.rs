//! The invitations of a conversation.

use std::sync::Arc;

use super::Inviters;
use crate::domain::{
    entities::{actor::Actor, ids::ConversationId, invite::Invite},
    error::Result,
    interfaces::{clock::Clock, invite_repository::InviteRepository},
};

pub struct ListInvites {
    pub inviters: Arc<Inviters>,
    pub invites: Arc<dyn InviteRepository>,
    pub clock: Arc<dyn Clock>,
}

impl ListInvites {
    /// Those that are open, the newest first.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`; `DirectFixed`; `Forbidden`.
    pub async fn execute(&self, actor: Actor, id: ConversationId) -> Result<Vec<Invite>> {
        self.inviters.ensure(actor.user, id).await?;
        let now = self.clock.now();
        let mut invites = self.invites.of_conversation(id).await?;
        invites.retain(|invite| invite.is_open(now));
        Ok(invites)
    }
}
