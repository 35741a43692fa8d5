use async_trait::async_trait;

use super::Memory;
use crate::domain::{
    entities::{
        attachment::{Attachment, Claim, Upload},
        ids::{AttachmentId, ClientId, ConversationId, UserId},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::attachment_repository::AttachmentRepository,
};

pub(super) struct StoredUpload {
    pub upload: Upload,
    pub discarded: bool,
    pub settled: bool,
}

#[async_trait]
impl AttachmentRepository for Memory {
    async fn insert(&self, upload: &Upload) -> Result<()> {
        let mut state = self.state()?;
        if !state.users.contains_key(&upload.owner) {
            return Err(DomainError::NotFound("user"));
        }
        let stored = StoredUpload { upload: upload.clone(), discarded: false, settled: false };
        state.uploads.insert(upload.attachment.id, stored);
        Ok(())
    }

    async fn find(&self, id: AttachmentId) -> Result<Option<Upload>> {
        let state = self.state()?;
        let stored = state.uploads.get(&id).filter(|stored| !stored.discarded);
        Ok(stored.map(|stored| stored.upload.clone()))
    }

    async fn count_unclaimed(&self, owner: UserId) -> Result<u64> {
        let state = self.state()?;
        let waits = |stored: &&StoredUpload| {
            stored.upload.owner == owner && stored.upload.claim.is_none() && !stored.discarded
        };
        Ok(state.uploads.values().filter(waits).count() as u64)
    }

    async fn claim(
        &self,
        ids: &[AttachmentId],
        owner: UserId,
        claim: &Claim,
    ) -> Result<Option<Vec<Attachment>>> {
        let mut state = self.state()?;
        let may_have = |stored: &StoredUpload| {
            let mine = stored.upload.claim.as_ref().is_none_or(|held| held.client_id == claim.client_id);
            stored.upload.owner == owner && mine && !stored.discarded
        };
        if !ids.iter().all(|id| state.uploads.get(id).is_some_and(may_have)) {
            return Ok(None);
        }
        let mut claimed = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(stored) = state.uploads.get_mut(id) {
                stored.upload.claim = Some(claim.clone());
                claimed.push(stored.upload.attachment.clone());
            }
        }
        Ok(Some(claimed))
    }

    async fn release(&self, ids: &[AttachmentId], owner: UserId, client_id: &ClientId) -> Result<()> {
        let mut state = self.state()?;
        for id in ids {
            if let Some(StoredUpload { upload, .. }) = state.uploads.get_mut(id)
                && upload.owner == owner
                && upload.claim.as_ref().is_some_and(|claim| claim.client_id == *client_id)
            {
                upload.claim = None;
            }
        }
        Ok(())
    }

    async fn discard(&self, id: AttachmentId) -> Result<bool> {
        let mut state = self.state()?;
        let Some(stored) = state.uploads.get_mut(&id) else { return Ok(true) };
        if stored.upload.claim.is_some() {
            return Ok(false);
        }
        stored.discarded = true;
        Ok(true)
    }

    async fn set_settled(&self, ids: &[AttachmentId], settled: bool) -> Result<()> {
        let mut state = self.state()?;
        for id in ids {
            if let Some(stored) = state.uploads.get_mut(id) {
                stored.settled = settled;
            }
        }
        Ok(())
    }

    async fn unsettle_conversation(&self, id: ConversationId) -> Result<()> {
        for stored in self.state()?.uploads.values_mut() {
            if stored.upload.claim.as_ref().is_some_and(|claim| claim.conversation == id) {
                stored.settled = false;
            }
        }
        Ok(())
    }

    async fn delete(&self, ids: &[AttachmentId]) -> Result<()> {
        self.state()?.uploads.retain(|id, _| !ids.contains(id));
        Ok(())
    }

    async fn unsettled(
        &self,
        before: Timestamp,
        after: Option<(Timestamp, AttachmentId)>,
        limit: u32,
    ) -> Result<Vec<Upload>> {
        let place = |upload: &Upload| (upload.created_at, upload.attachment.id);
        let state = self.state()?;
        let mut uploads: Vec<Upload> = state
            .uploads
            .values()
            .filter(|stored| !stored.settled && stored.upload.created_at < before)
            .filter(|stored| after.is_none_or(|after| place(&stored.upload) > after))
            .map(|stored| stored.upload.clone())
            .collect();
        uploads.sort_by_key(place);
        uploads.truncate(limit as usize);
        Ok(uploads)
    }

    async fn of_conversation(&self, id: ConversationId, limit: u32) -> Result<Vec<AttachmentId>> {
        let state = self.state()?;
        let of_it = |stored: &&StoredUpload| {
            stored.upload.claim.as_ref().is_some_and(|claim| claim.conversation == id)
        };
        let ids = state.uploads.values().filter(of_it).map(|stored| stored.upload.attachment.id);
        Ok(ids.take(limit as usize).collect())
    }
}
