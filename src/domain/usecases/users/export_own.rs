//! What somebody takes along: all that they are and wrote here.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::ConversationView,
        ids::{ConversationId, UserId},
        message::Message,
        session::Session,
        timestamp::Timestamp,
        user::User,
    },
    error::{DomainError, Result},
    interfaces::{
        clock::Clock,
        conversation_repository::ConversationRepository,
        message_repository::{MessageRepository, Window},
        session_repository::SessionRepository,
        user_repository::UserRepository,
    },
};

/// How many messages of a conversation are read at once.
const PAGE: u32 = 200;

/// What comes before the conversations.
#[derive(Debug)]
pub struct Beginning {
    pub at: Timestamp,
    pub user: User,
    pub sessions: Vec<Session>,
    pub conversations: Vec<ConversationId>,
}

/// Step by step, so that no more than one page is held.
pub struct ExportOwn {
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub clock: Arc<dyn Clock>,
}

impl ExportOwn {
    /// # Errors
    /// `Unauthenticated` when the account is gone.
    pub async fn begin(&self, actor: Actor) -> Result<Beginning> {
        let at = self.clock.now();
        let user = self.users.find(actor.user).await?.ok_or(DomainError::Unauthenticated)?;
        let sessions = self.sessions.list(actor.user, at).await?;
        let mut conversations = self.conversations.ids_of(actor.user).await?;
        conversations.sort_unstable();
        Ok(Beginning { at, user, sessions, conversations })
    }

    /// `None` when the person has left it meanwhile.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn conversation(&self, user: UserId, id: ConversationId) -> Result<Option<ConversationView>> {
        match self.conversations.view(id, user).await {
            Ok(view) => Ok(Some(view)),
            Err(DomainError::NotFound(_) | DomainError::NotMember) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The person's own among the messages after a `seq`, ascending, and the `seq` to go on after, if there are more.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn messages(
        &self,
        user: UserId,
        id: ConversationId,
        after: u64,
    ) -> Result<(Vec<Message>, Option<u64>)> {
        let page = self.messages.list(id, Window::After(after), PAGE).await?;
        let next = page.messages.last().filter(|_| page.has_more).map(|last| last.seq);
        let mut messages = page.messages;
        messages.retain(|message| message.sender == user);
        Ok((messages, next))
    }
}
