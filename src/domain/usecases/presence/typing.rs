//! Who is typing. Nothing of it is stored; it ends by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::SMALL_CONVERSATION,
        ids::{ConversationId, UserId},
        timestamp::Timestamp,
    },
    error::Result,
    interfaces::{
        clock::Clock, conversation_repository::ConversationRepository, event_publisher::EventPublisher,
    },
};

pub struct Typing {
    conversations: Arc<dyn ConversationRepository>,
    publisher: Arc<dyn EventPublisher>,
    clock: Arc<dyn Clock>,
    until: Mutex<HashMap<(ConversationId, UserId), Timestamp>>,
}

impl Typing {
    /// Without another sign, typing ends after this long.
    pub const LASTS: Duration = Duration::from_secs(6);

    pub fn new(
        conversations: Arc<dyn ConversationRepository>,
        publisher: Arc<dyn EventPublisher>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { conversations, publisher, clock, until: Mutex::default() }
    }

    /// Told in small conversations only; the end only when there was a beginning.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`.
    pub async fn execute(&self, actor: Actor, conversation: ConversationId, typing: bool) -> Result<()> {
        let membership = self.conversations.membership(conversation, actor.user).await?;
        if membership.member_count > SMALL_CONVERSATION {
            return Ok(());
        }
        let key = (conversation, actor.user);
        let news = if typing {
            // A sign that it goes on is news: whoever hears none for a while takes it for ended.
            self.until().insert(key, self.clock.now() + Self::LASTS);
            true
        } else {
            self.until().remove(&key).is_some()
        };
        if news {
            self.publisher.typing(conversation, actor.user, typing).await;
        }
        Ok(())
    }

    /// Ends what has run out. Called a few times a second.
    pub async fn expire(&self) {
        let now = self.clock.now();
        let ended: Vec<_> = self.until().extract_if(|_, until| *until <= now).map(|(key, _)| key).collect();
        for (conversation, user) in ended {
            self.publisher.typing(conversation, user, false).await;
        }
    }

    /// Ends everything of a person who is gone.
    pub async fn stop(&self, user: UserId) {
        let ended: Vec<_> = self.until().extract_if(|key, _| key.1 == user).map(|(key, _)| key).collect();
        for (conversation, user) in ended {
            self.publisher.typing(conversation, user, false).await;
        }
    }

    fn until(&self) -> MutexGuard<'_, HashMap<(ConversationId, UserId), Timestamp>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
