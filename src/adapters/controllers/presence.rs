//! Presence and typing.

use std::sync::Arc;

use super::known;
use crate::{
    adapters::dto::{
        commands::{SetTyping, WatchPresence},
        objects::Presence,
        responses::PresenceList,
    },
    domain::{
        entities::{actor::Actor, ids::UserId},
        error::{DomainError, Result},
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::presence::{track_presence::TrackPresence, typing::Typing},
    },
};

pub struct PresenceController {
    pub track: Arc<TrackPresence>,
    pub typing: Arc<Typing>,
    pub limiter: Arc<dyn RateLimiter>,
}

impl PresenceController {
    /// Whom a client wants to watch. Ids that this server never made are left out.
    pub fn watched(&self, actor: Actor, input: WatchPresence) -> Result<Vec<UserId>> {
        self.limiter.check(Action::Signal, &Subject::User(actor.user))?;
        if input.user_ids.len() > TrackPresence::MAX_WATCHED {
            return Err(DomainError::invalid("userIds", "must be at most 200"));
        }
        Ok(input.user_ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// How these people are now.
    pub async fn look(&self, users: &[UserId]) -> Result<PresenceList> {
        let presence = self.track.watch(users).await?;
        Ok(PresenceList { presence: presence.iter().map(Presence::from).collect() })
    }

    pub async fn set_typing(&self, actor: Actor, input: SetTyping) -> Result<()> {
        self.limiter.check(Action::Signal, &Subject::User(actor.user))?;
        self.typing.execute(actor, known(&input.conversation_id, "conversation")?, input.typing).await
    }
}
