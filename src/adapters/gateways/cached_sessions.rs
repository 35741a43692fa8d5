//! The moka session store in front of a durable one, so that a request does not ask the database who it is.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};
use tower_sessions_moka_store::MokaStore;

use crate::domain::{
    entities::{
        ids::{SessionId, UserId},
        session::{Session, SessionKey},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::{
        session_cache::SessionCache,
        session_repository::{SessionRepository, Touch},
    },
};

/// What a cached record holds besides its key and its expiry.
#[derive(Serialize, Deserialize)]
struct Cached {
    id: uuid::Uuid,
    user: uuid::Uuid,
    device: String,
    created_at: i64,
    last_seen_at: i64,
}

const FIELD: &str = "session";

pub struct CachedSessions {
    durable: Arc<dyn SessionRepository>,
    /// Another, empty one takes its place when nothing in it can be trusted any more.
    cache: RwLock<MokaStore>,
    capacity: u64,
    /// Counts what takes sessions away. A session that was read from the database before such a
    /// change must not enter the cache after it, or it would live on there.
    changes: Arc<AtomicU64>,
    /// Uses that the database does not know of yet: many people who come at the same moment are one write.
    touches: Mutex<HashMap<SessionKey, Touch>>,
}

/// Uses that are written at once: few enough for nobody to wait long behind them.
const TOGETHER: usize = 500;

impl CachedSessions {
    /// `capacity` counts sessions; the least used ones leave the cache first.
    pub fn new(durable: Arc<dyn SessionRepository>, capacity: u64) -> Self {
        let cache = RwLock::new(MokaStore::new(Some(capacity)));
        Self { durable, cache, capacity, changes: Arc::default(), touches: Mutex::default() }
    }

    async fn evict(&self, keys: impl IntoIterator<Item = SessionKey>) -> Result<()> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        let cache = self.cache();
        for key in keys {
            cache.delete(&id(&key)).await.map_err(DomainError::internal)?;
        }
        Ok(())
    }

    /// Puts a session into the cache, unless something was changed since there were `before` changes.
    async fn keep(&self, cache: &MokaStore, session: &Session, before: u64) -> Result<bool> {
        let (cache, changes, record) = (cache.clone(), Arc::clone(&self.changes), record(session)?);
        // In a task of its own: whoever asked may hang up between the two steps.
        let keep = tokio::spawn(async move {
            cache.save(&record).await?;
            let changed = changes.load(Ordering::SeqCst) != before;
            if changed {
                cache.delete(&record.id).await?;
            }
            Ok::<bool, tower_sessions::session_store::Error>(!changed)
        });
        keep.await.map_err(DomainError::internal)?.map_err(DomainError::internal)
    }

    /// What the database does not know yet.
    fn touched(&self, session: &mut Session) {
        if let Some(touch) = self.touches().get(&session.key) {
            (session.last_seen_at, session.expires_at) = (touch.last_seen, touch.expires);
        }
    }

    fn touches(&self) -> MutexGuard<'_, HashMap<SessionKey, Touch>> {
        self.touches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cache(&self) -> MokaStore {
        self.cache.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl SessionCache for CachedSessions {
    async fn forget(&self, key: &SessionKey) {
        if let Err(error) = self.evict([*key]).await {
            tracing::error!(%error, cause = ?error.cause(), "the cache of sessions begins anew");
            self.forget_all().await;
        }
    }

    async fn forget_all(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        *self.cache.write().unwrap_or_else(PoisonError::into_inner) = MokaStore::new(Some(self.capacity));
    }

    async fn write_back(&self) -> Result<()> {
        let touches: Vec<Touch> = std::mem::take(&mut *self.touches()).into_values().collect();
        for (number, some) in touches.chunks(TOGETHER).enumerate() {
            if let Err(error) = self.durable.touch_all(some).await {
                let mut waiting = self.touches();
                for touch in &touches[number * TOGETHER..] {
                    waiting.entry(touch.key).or_insert(*touch);
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

fn id(key: &SessionKey) -> Id {
    Id(i128::from_be_bytes(*key.as_bytes()))
}

fn record(session: &Session) -> Result<Record> {
    let cached = Cached {
        id: session.id.as_uuid(),
        user: session.user.as_uuid(),
        device: session.device.clone(),
        created_at: session.created_at.as_millis(),
        last_seen_at: session.last_seen_at.as_millis(),
    };
    // As one text: an object of values would take three times the memory.
    let value = serde_json::to_string(&cached).map_err(DomainError::internal)?.into();
    let expires = i128::from(session.expires_at.as_millis()) * 1_000_000;
    Ok(Record {
        id: id(&session.key),
        data: HashMap::from([(FIELD.to_owned(), value)]),
        expiry_date: OffsetDateTime::from_unix_timestamp_nanos(expires).map_err(DomainError::internal)?,
    })
}

fn session(key: SessionKey, mut record: Record) -> Result<Session> {
    let value = record.data.remove(FIELD).unwrap_or_default();
    let text = value.as_str().unwrap_or_default();
    let cached: Cached = serde_json::from_str(text).map_err(DomainError::internal)?;
    let expires = record.expiry_date.unix_timestamp_nanos() / 1_000_000;
    Ok(Session {
        key,
        id: SessionId::from_uuid(cached.id),
        user: UserId::from_uuid(cached.user),
        device: cached.device,
        created_at: Timestamp::from_millis(cached.created_at),
        last_seen_at: Timestamp::from_millis(cached.last_seen_at),
        expires_at: Timestamp::from_millis(i64::try_from(expires).unwrap_or(i64::MAX)),
    })
}

#[async_trait]
impl SessionRepository for CachedSessions {
    async fn create(&self, session: &Session) -> Result<bool> {
        self.durable.create(session).await
    }

    async fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>> {
        let cache = self.cache();
        if let Some(record) = cache.load(&id(key)).await.map_err(DomainError::internal)? {
            let known = session(*key, record)?;
            // Another node may have made it last longer.
            if known.expires_at > now {
                return Ok(Some(known));
            }
        }
        let before = self.changes.load(Ordering::SeqCst);
        let Some(mut found) = self.durable.find(key, now).await? else { return Ok(None) };
        self.touched(&mut found);
        let kept = self.keep(&cache, &found, before).await?;
        if kept { Ok(Some(found)) } else { self.durable.find(key, now).await }
    }

    async fn touch(&self, key: &SessionKey, last_seen: Timestamp, expires: Timestamp) -> Result<()> {
        self.touches().insert(*key, Touch { key: *key, last_seen, expires });
        let before = self.changes.load(Ordering::SeqCst);
        let cache = self.cache();
        let Some(known) = cache.load(&id(key)).await.map_err(DomainError::internal)? else { return Ok(()) };
        let known = Session { last_seen_at: last_seen, expires_at: expires, ..session(*key, known)? };
        self.keep(&cache, &known, before).await.map(drop)
    }

    async fn delete(&self, key: &SessionKey) -> Result<Option<Session>> {
        let ended = self.durable.delete(key).await?;
        self.evict([*key]).await?;
        Ok(ended)
    }

    async fn delete_by_id(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        let ended = self.durable.delete_by_id(user, id).await?;
        self.evict(ended.as_ref().map(|session| session.key)).await?;
        Ok(ended)
    }

    async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<Session>> {
        let ended = self.durable.delete_others(user, keep).await?;
        self.evict(ended.iter().map(|session| session.key).collect::<Vec<_>>()).await?;
        Ok(ended)
    }

    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let mut sessions = self.durable.list(user, now).await?;
        sessions.iter_mut().for_each(|session| self.touched(session));
        sessions.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
        Ok(sessions)
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
        self.durable.delete_expired(now).await
    }
}
