//! A new invitation.

use std::sync::Arc;

use super::Inviters;
use crate::domain::{
    entities::{
        actor::Actor,
        ids::{ConversationId, InviteId},
        invite::{Invite, InviteTerms},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::{clock::Clock, id_generator::IdGenerator, invite_repository::InviteRepository},
};

/// Open invitations that a conversation may have.
const MOST: usize = 100;

pub struct CreateInvite {
    pub inviters: Arc<Inviters>,
    pub invites: Arc<dyn InviteRepository>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
}

impl CreateInvite {
    /// # Errors
    /// `NotFound`; `NotMember`; `DirectFixed`; `Forbidden`; `Invalid` naming `invites` when there are 100 already.
    pub async fn execute(&self, actor: Actor, id: ConversationId, terms: InviteTerms) -> Result<Invite> {
        self.inviters.ensure(actor.user, id).await?;
        let now = self.clock.now();
        let open =
            self.invites.of_conversation(id).await?.iter().filter(|invite| invite.is_open(now)).count();
        if open >= MOST {
            return Err(DomainError::invalid("invites", "are 100 already; take some back first"));
        }
        let after = |lifetime: std::time::Duration| {
            let millis = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
            Timestamp::from_millis(now.as_millis().saturating_add(millis))
        };
        let invite = Invite {
            id: InviteId::from_uuid(self.ids.secret()),
            conversation: id,
            creator: actor.user,
            created_at: now,
            expires_at: terms.lifetime.map(after),
            uses: 0,
            max_uses: terms.max_uses,
        };
        self.invites.insert(&invite).await?;
        Ok(invite)
    }
}
