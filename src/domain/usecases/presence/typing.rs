//! Who is typing. Nothing of it is stored; it ends by itself.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::voice::Voice;
use crate::domain::{
    entities::{
        actor::Actor,
        conversation::SMALL_CONVERSATION,
        ids::{ConversationId, UserId},
        signal::Signal,
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
    voice: Arc<Voice>,
    /// Who types, here and on other nodes, and when it ends by itself.
    until: Mutex<HashMap<(ConversationId, UserId), Timestamp>>,
}

impl Typing {
    /// Without another sign, typing ends after this long.
    pub const LASTS: Duration = Duration::from_secs(6);

    pub fn new(
        conversations: Arc<dyn ConversationRepository>,
        publisher: Arc<dyn EventPublisher>,
        clock: Arc<dyn Clock>,
        voice: Arc<Voice>,
    ) -> Self {
        Self { conversations, publisher, clock, voice, until: Mutex::default() }
    }

    /// Told in small conversations only, and not where one has blocked the other; the end only when there was a beginning.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`.
    pub async fn execute(&self, actor: Actor, conversation: ConversationId, typing: bool) -> Result<()> {
        let membership = self.conversations.membership(conversation, actor.user).await?;
        if membership.member_count > SMALL_CONVERSATION || membership.silenced {
            return Ok(());
        }
        if self.heard(conversation, actor.user, typing).await {
            self.voice.say([Signal::Typing { conversation, user: actor.user, typing }]);
        }
        Ok(())
    }

    /// Tells the members here, also of somebody on another node; answers whether there was something to tell.
    pub async fn heard(&self, conversation: ConversationId, user: UserId, typing: bool) -> bool {
        let key = (conversation, user);
        let news = if typing {
            // A sign that it goes on is news: whoever hears none for a while takes it for ended.
            self.until().insert(key, self.clock.now() + Self::LASTS);
            true
        } else {
            self.until().remove(&key).is_some()
        };
        if news {
            self.publisher.typing(conversation, user, typing).await;
        }
        news
    }

    /// Ends what has run out. Called a few times a second.
    pub async fn expire(&self) {
        let now = self.clock.now();
        let ended: Vec<_> = self.until().extract_if(|_, until| *until <= now).map(|(key, _)| key).collect();
        for (conversation, user) in ended {
            self.publisher.typing(conversation, user, false).await;
        }
    }

    /// Ends everything of a person who left this node and is on no other; the others hear of it too.
    pub async fn stop(&self, user: UserId) {
        let ended = self.end(&[user]).await;
        let stopped = |(conversation, user)| Signal::Typing { conversation, user, typing: false };
        self.voice.say(ended.into_iter().map(stopped));
    }

    /// Ends everything of people who are online nowhere any more; answers what it was.
    pub async fn end(&self, users: &[UserId]) -> Vec<(ConversationId, UserId)> {
        if users.is_empty() {
            return Vec::new();
        }
        let users: HashSet<&UserId> = users.iter().collect();
        let ended: Vec<_> = {
            let mut until = self.until();
            until.extract_if(|key, _| users.contains(&key.1)).map(|(key, _)| key).collect()
        };
        for (conversation, user) in &ended {
            self.publisher.typing(*conversation, *user, false).await;
        }
        ended
    }

    fn until(&self) -> MutexGuard<'_, HashMap<(ConversationId, UserId), Timestamp>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
