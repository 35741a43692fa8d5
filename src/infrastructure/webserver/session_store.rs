//! tower-sessions over our session repository.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};
use uuid::Uuid;

use crate::domain::{
    entities::{
        actor::Actor,
        ids::{SessionId, UserId},
        session::{Session, SessionKey},
        timestamp::Timestamp,
    },
    interfaces::{clock::Clock, session_repository::SessionRepository},
};

/// The one field that our sessions have: who is signed in. A session without it is never stored.
pub const IDENTITY: &str = "identity";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    pub session: Uuid,
    pub user: Uuid,
    pub device: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub last_seen_at: i64,
}

impl Identity {
    pub fn actor(&self) -> Actor {
        Actor { user: UserId::from_uuid(self.user), session: SessionId::from_uuid(self.session) }
    }
}

/// What the repository knows a cookie by.
pub fn key(id: &Id) -> SessionKey {
    let digest = Sha256::digest(id.0.to_be_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    SessionKey::from_bytes(key)
}

#[derive(Clone)]
pub struct RepositoryStore {
    sessions: Arc<dyn SessionRepository>,
    clock: Arc<dyn Clock>,
}

impl RepositoryStore {
    pub fn new(sessions: Arc<dyn SessionRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, clock }
    }
}

impl fmt::Debug for RepositoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RepositoryStore")
    }
}

fn identity(record: &Record) -> Result<Identity> {
    let value = record.data.get(IDENTITY).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| Error::Decode(error.to_string()))
}

fn expiry(record: &Record) -> Timestamp {
    let millis = record.expiry_date.unix_timestamp_nanos() / 1_000_000;
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for RepositoryStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let identity = identity(record)?;
        loop {
            let session = Session {
                key: key(&record.id),
                id: SessionId::from_uuid(identity.session),
                user: UserId::from_uuid(identity.user),
                device: identity.device.clone(),
                created_at: Timestamp::from_millis(identity.created_at),
                last_seen_at: Timestamp::from_millis(identity.last_seen_at),
                expires_at: expiry(record),
            };
            if self.sessions.create(&session).await.map_err(backend)? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let seen = Timestamp::from_millis(identity(record)?.last_seen_at);
        let key = key(&record.id);
        self.sessions.touch(&key, seen, expiry(record)).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.sessions.find(&key(id), self.clock.now()).await.map_err(backend)?;
        let Some(session) = found else { return Ok(None) };
        let identity = Identity {
            session: session.id.as_uuid(),
            user: session.user.as_uuid(),
            device: session.device,
            created_at: session.created_at.as_millis(),
            last_seen_at: session.last_seen_at.as_millis(),
        };
        let value = serde_json::to_value(identity).map_err(|error| Error::Encode(error.to_string()))?;
        let expires = i128::from(session.expires_at.as_millis()) * 1_000_000;
        Ok(Some(Record {
            id: *id,
            data: HashMap::from([(IDENTITY.to_owned(), value)]),
            expiry_date: OffsetDateTime::from_unix_timestamp_nanos(expires).map_err(backend)?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.sessions.delete(&key(id)).await.map_err(backend)?;
        Ok(())
    }
}
