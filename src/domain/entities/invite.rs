//! Invitations: links that lead into a group or channel.

use std::time::Duration;

use super::{
    ids::{ConversationId, InviteId, UserId},
    timestamp::Timestamp,
};
use crate::domain::error::FieldError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    pub id: InviteId,
    pub conversation: ConversationId,
    /// Who made it. It holds as long as they may invite.
    pub creator: UserId,
    pub created_at: Timestamp,
    /// `None`: never.
    pub expires_at: Option<Timestamp>,
    pub uses: u32,
    /// `None`: as many as there are people.
    pub max_uses: Option<u32>,
}

impl Invite {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end) && self.max_uses.is_none_or(|most| self.uses < most)
    }
}

/// How long an invitation holds, and for how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteTerms {
    pub lifetime: Option<Duration>,
    pub max_uses: Option<u32>,
}

impl InviteTerms {
    /// `hours` is 1–8,760 (a year), `max_uses` 1–10,000; `None` is without end.
    ///
    /// # Errors
    /// Naming `expiresInHours` or `maxUses`.
    pub fn parse(hours: Option<u32>, max_uses: Option<u32>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        if hours.is_some_and(|hours| !(1..=8_760).contains(&hours)) {
            errors.push(FieldError::new("expiresInHours", "must be 1 to 8760"));
        }
        if max_uses.is_some_and(|uses| !(1..=10_000).contains(&uses)) {
            errors.push(FieldError::new("maxUses", "must be 1 to 10000"));
        }
        let lifetime = hours.map(|hours| Duration::from_secs(u64::from(hours) * 3_600));
        if errors.is_empty() { Ok(Self { lifetime, max_uses }) } else { Err(errors) }
    }
}
