use async_trait::async_trait;

use super::Memory;
use crate::domain::{
    entities::{
        ids::{ConversationId, InviteId},
        invite::Invite,
        timestamp::Timestamp,
    },
    error::Result,
    interfaces::invite_repository::InviteRepository,
};

#[async_trait]
impl InviteRepository for Memory {
    async fn insert(&self, invite: &Invite) -> Result<()> {
        let mut state = self.state()?;
        let stays =
            |other: &Invite| other.conversation != invite.conversation || other.is_open(invite.created_at);
        state.invites.retain(|_, other| stays(other));
        state.invites.insert(invite.id, invite.clone());
        Ok(())
    }

    async fn find(&self, id: InviteId) -> Result<Option<Invite>> {
        Ok(self.state()?.invites.get(&id).cloned())
    }

    async fn of_conversation(&self, id: ConversationId) -> Result<Vec<Invite>> {
        let state = self.state()?;
        let mut invites: Vec<_> =
            state.invites.values().filter(|invite| invite.conversation == id).cloned().collect();
        invites.sort_by_key(|invite| std::cmp::Reverse((invite.created_at, invite.id)));
        Ok(invites)
    }

    async fn take(&self, id: InviteId, now: Timestamp) -> Result<bool> {
        let mut state = self.state()?;
        let Some(invite) = state.invites.get_mut(&id).filter(|invite| invite.is_open(now)) else {
            return Ok(false);
        };
        invite.uses += 1;
        Ok(true)
    }

    async fn give_back(&self, id: InviteId) -> Result<()> {
        if let Some(invite) = self.state()?.invites.get_mut(&id) {
            invite.uses = invite.uses.saturating_sub(1);
        }
        Ok(())
    }

    async fn delete(&self, conversation: ConversationId, id: InviteId) -> Result<bool> {
        let mut state = self.state()?;
        let is_there = state.invites.get(&id).is_some_and(|invite| invite.conversation == conversation);
        if is_there {
            state.invites.remove(&id);
        }
        Ok(is_there)
    }

    async fn delete_all(&self, conversation: ConversationId) -> Result<()> {
        self.state()?.invites.retain(|_, invite| invite.conversation != conversation);
        Ok(())
    }
}
