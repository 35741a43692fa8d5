//! What people mark for themselves.

use std::sync::Arc;

use super::known;
use crate::{
    adapters::dto::{
        marks::{Marks, MarksResponse, SetMarks},
        objects::Conversation,
        responses::ConversationResponse,
    },
    domain::{
        entities::{actor::Actor, marks::MarkPatch},
        error::Result,
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::marks,
    },
};

pub struct MarkController {
    pub list: marks::list_marks::ListMarks,
    pub set: marks::set_marks::SetMarks,
    pub block: marks::block::BlockUser,
    pub limiter: Arc<dyn RateLimiter>,
}

impl MarkController {
    pub async fn list(&self, actor: Actor) -> Result<MarksResponse> {
        self.may(Action::Read, actor)?;
        Ok(MarksResponse { marks: Marks::from(&self.list.execute(actor).await?) })
    }

    pub async fn set(&self, actor: Actor, id: &str, input: SetMarks) -> Result<ConversationResponse> {
        self.may(Action::Write, actor)?;
        let SetMarks { muted, pinned, unread } = input;
        let patch = MarkPatch { muted, pinned, unread };
        let view = self.set.execute(actor, known(id, "conversation")?, patch).await?;
        Ok(ConversationResponse { conversation: Conversation::from(&view) })
    }

    pub async fn block(&self, actor: Actor, user: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.block.execute(actor, known(user, "user")?).await
    }

    pub async fn unblock(&self, actor: Actor, user: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.block.undo(actor, known(user, "user")?).await
    }

    fn may(&self, action: Action, actor: Actor) -> Result<()> {
        self.limiter.check(action, &Subject::User(actor.user))
    }
}
