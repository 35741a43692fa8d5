use async_trait::async_trait;

use super::Memory;
use crate::domain::{
    entities::{
        ids::{SessionId, UserId},
        session::{Session, SessionKey},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::session_repository::SessionRepository,
};

#[async_trait]
impl SessionRepository for Memory {
    async fn create(&self, session: &Session) -> Result<bool> {
        let mut state = self.state()?;
        if !state.users.contains_key(&session.user) || state.banned.contains_key(&session.user) {
            return Err(DomainError::NotFound("user"));
        }
        if state.sessions.contains_key(&session.key) {
            return Ok(false);
        }
        state.sessions.insert(session.key, session.clone());
        Ok(true)
    }

    async fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>> {
        Ok(self.state()?.sessions.get(key).filter(|session| session.expires_at > now).cloned())
    }

    async fn touch(&self, key: &SessionKey, last_seen: Timestamp, expires: Timestamp) -> Result<()> {
        if let Some(session) = self.state()?.sessions.get_mut(key) {
            session.last_seen_at = session.last_seen_at.max(last_seen);
            session.expires_at = session.expires_at.max(expires);
        }
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<Option<Session>> {
        Ok(self.state()?.sessions.remove(key))
    }

    async fn delete_by_id(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        let mut state = self.state()?;
        Ok(state
            .sessions
            .extract_if(|_, session| session.user == user && session.id == id)
            .map(|(_, s)| s)
            .next())
    }

    async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<Session>> {
        let mut state = self.state()?;
        let others = |session: &Session| session.user == user && Some(session.id) != keep;
        Ok(state.sessions.extract_if(|_, session| others(session)).map(|(_, session)| session).collect())
    }

    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let state = self.state()?;
        let live = |session: &&Session| session.user == user && session.expires_at > now;
        let mut sessions: Vec<Session> = state.sessions.values().filter(live).cloned().collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.last_seen_at, session.id)));
        Ok(sessions)
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
        let mut state = self.state()?;
        let before = state.sessions.len();
        state.sessions.retain(|_, session| session.expires_at > now);
        Ok((before - state.sessions.len()) as u64)
    }
}
