//! Hands what the database tells to people's sockets, in commit order.

use std::sync::Arc;

use crate::domain::{
    entities::{
        change::Change,
        ids::{SessionId, UserId},
        session::SessionKey,
    },
    error::{DomainError, Result},
    interfaces::{
        change_feed::{ChangeFeed, FeedEvent},
        clock::Clock,
        event_publisher::EventPublisher,
        mark_repository::MarkRepository,
        session_cache::SessionCache,
        session_repository::SessionRepository,
        user_repository::UserRepository,
    },
};

pub struct DeliverChanges {
    pub publisher: Arc<dyn EventPublisher>,
    /// The sessions as the database has them, in front of which `cache` stands.
    pub sessions: Arc<dyn SessionRepository>,
    pub cache: Arc<dyn SessionCache>,
    pub marks: Arc<dyn MarkRepository>,
    pub users: Arc<dyn UserRepository>,
    pub clock: Arc<dyn Clock>,
}

impl DeliverChanges {
    /// Events that are told together at most: far fewer than what may wait for a socket.
    const TOGETHER: usize = 64;

    /// Runs until the feed ends.
    pub async fn execute(self, mut feed: Box<dyn ChangeFeed>) {
        while let Some(event) = feed.next().await {
            self.tell(event).await;
            // What has come meanwhile goes to the sockets together with it.
            for _ in 1..Self::TOGETHER {
                let Some(event) = feed.try_next() else { break };
                self.tell(event).await;
            }
            self.publisher.flush().await;
        }
    }

    async fn tell(&self, event: FeedEvent) {
        match event {
            FeedEvent::Change(Change::Marked(user)) => self.marked(user).await,
            FeedEvent::Change(Change::Profile(user)) => self.profile(user).await,
            FeedEvent::Change(change) => self.publisher.change(&change).await,
            FeedEvent::SessionEnded { id, key } => self.ended(id, &key).await,
            FeedEvent::Gap => self.gap().await,
        }
    }

    async fn ended(&self, id: SessionId, key: &SessionKey) {
        self.cache.forget(key).await;
        self.publisher.end_sessions(&[id]).await;
    }

    /// Tells the marks as they are by now: after the last change that is the last state.
    async fn marked(&self, user: UserId) {
        if !self.publisher.has_sockets(user) {
            return;
        }
        match self.marks.of(user).await {
            Ok(marks) => self.publisher.marks(user, &marks).await,
            Err(error) => {
                self.publisher.untold(&error);
                // Their clients come back and ask.
                self.publisher.cut_off(user).await;
            }
        }
    }

    /// Who does not hear of it sees the new name after the next look.
    async fn profile(&self, id: UserId) {
        let told = async {
            let contacts = self.users.contacts(id).await?;
            match self.users.find(id).await? {
                Some(user) => self.publisher.user(&user, &contacts).await,
                None => self.publisher.user_gone(id, &contacts).await,
            }
            Ok::<_, DomainError>(())
        };
        if let Err(error) = told.await {
            self.publisher.untold(&error);
        }
    }

    async fn gap(&self) {
        self.cache.forget_all().await;
        self.publisher.sync_needed().await;
        for (id, key) in self.publisher.sessions() {
            // Where the database does not answer, what ended meanwhile comes out of the feed later, or another gap does.
            if matches!(self.lives(&key).await, Ok(false)) {
                self.publisher.end_sessions(&[id]).await;
            }
        }
    }

    async fn lives(&self, key: &SessionKey) -> Result<bool> {
        Ok(self.sessions.find(key, self.clock.now()).await?.is_some())
    }
}
