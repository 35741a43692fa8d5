//! Where sessions are kept. Durable: they survive a restart.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        ids::{SessionId, UserId},
        session::{Session, SessionKey},
        timestamp::Timestamp,
    },
    error::Result,
};

/// That a session was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    pub key: SessionKey,
    pub last_seen: Timestamp,
    pub expires: Timestamp,
}

#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Stores a new session. Answers `false`, and stores nothing, when the key is in use.
    ///
    /// # Errors
    /// `NotFound` when the person does not exist or is banned, also since a moment ago.
    async fn create(&self, session: &Session) -> Result<bool>;

    /// The session, unless it has expired at `now`.
    async fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>>;

    /// Moves the last-seen and expiry times, never back. Never brings back a session that was deleted.
    async fn touch(&self, key: &SessionKey, last_seen: Timestamp, expires: Timestamp) -> Result<()>;

    /// The same for many sessions at once.
    async fn touch_all(&self, touches: &[Touch]) -> Result<()> {
        for Touch { key, last_seen, expires } in touches {
            self.touch(key, *last_seen, *expires).await?;
        }
        Ok(())
    }

    /// The ended session, if there was one.
    async fn delete(&self, key: &SessionKey) -> Result<Option<Session>>;

    /// Ends one session of a person by its public id.
    async fn delete_by_id(&self, user: UserId, id: SessionId) -> Result<Option<Session>>;

    /// Ends all sessions of a person but `keep`; answers the ended ones.
    async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<Session>>;

    /// A person's unexpired sessions, the last seen first.
    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>>;

    /// Removes what has expired at `now`; answers how many.
    async fn delete_expired(&self, now: Timestamp) -> Result<u64>;
}
