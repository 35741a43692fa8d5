use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Database, users};
use crate::domain::{
    entities::{
        ids::{SessionId, UserId},
        session::{Session, SessionKey},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::session_repository::{SessionRepository, Touch},
};

/// Signed-in devices.
#[derive(Clone)]
pub struct SqliteSessions(pub(super) Arc<Database>);

pub(super) const COLUMNS: &str = "key, id, user, device, created_at, last_seen_at, expires_at";

pub(super) fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        key: row.get(0)?,
        id: row.get(1)?,
        user: row.get(2)?,
        device: row.get(3)?,
        created_at: row.get(4)?,
        last_seen_at: row.get(5)?,
        expires_at: row.get(6)?,
    })
}

/// Answers `false`, and stores nothing, when the key is in use.
pub(super) fn insert(conn: &Connection, session: &Session) -> rusqlite::Result<bool> {
    let stored = conn
        .prepare_cached(
            "INSERT INTO sessions (key, id, user, device, created_at, last_seen_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        )?
        .execute(params![
            session.key,
            session.id,
            session.user,
            session.device,
            session.created_at,
            session.last_seen_at,
            session.expires_at
        ])?;
    Ok(stored > 0)
}

#[async_trait]
impl SessionRepository for SqliteSessions {
    async fn create(&self, session: &Session) -> Result<bool> {
        let session = session.clone();
        self.0
            .write(move |batch| {
                if !users::may_sign_in(batch.conn, session.user)? {
                    return Err(DomainError::NotFound("user"));
                }
                Ok(insert(batch.conn, &session)?)
            })
            .await
    }

    async fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>> {
        let key = *key;
        self.0
            .read(move |conn| {
                let sql = format!("SELECT {COLUMNS} FROM sessions WHERE key = ? AND expires_at > ?");
                Ok(conn.prepare_cached(&sql)?.query_row((key, now), session).optional()?)
            })
            .await
    }

    async fn touch(&self, key: &SessionKey, last_seen: Timestamp, expires: Timestamp) -> Result<()> {
        self.touch_all(&[Touch { key: *key, last_seen, expires }]).await
    }

    async fn touch_all(&self, touches: &[Touch]) -> Result<()> {
        let touches = touches.to_vec();
        self.0
            .write(move |batch| {
                let sql =
                    "UPDATE sessions SET last_seen_at = max(last_seen_at, ?), expires_at = max(expires_at, ?)
                           WHERE key = ?";
                let mut update = batch.conn.prepare_cached(sql)?;
                for Touch { key, last_seen, expires } in touches {
                    update.execute((last_seen, expires, key))?;
                }
                Ok(())
            })
            .await
    }

    async fn delete(&self, key: &SessionKey) -> Result<Option<Session>> {
        let key = *key;
        self.0
            .write(move |batch| {
                let sql = format!("DELETE FROM sessions WHERE key = ? RETURNING {COLUMNS}");
                Ok(batch.conn.prepare_cached(&sql)?.query_row((key,), session).optional()?)
            })
            .await
    }

    async fn delete_by_id(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        self.0
            .write(move |batch| {
                let sql = format!("DELETE FROM sessions WHERE user = ? AND id = ? RETURNING {COLUMNS}");
                Ok(batch.conn.prepare_cached(&sql)?.query_row((user, id), session).optional()?)
            })
            .await
    }

    async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<Session>> {
        self.0
            .write(move |batch| {
                let sql = format!("DELETE FROM sessions WHERE user = ? AND id IS NOT ? RETURNING {COLUMNS}");
                let mut delete = batch.conn.prepare_cached(&sql)?;
                Ok(delete.query_map((user, keep), session)?.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        self.0
            .read(move |conn| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM sessions WHERE user = ? AND expires_at > ?
                     ORDER BY last_seen_at DESC, id DESC"
                );
                let mut select = conn.prepare_cached(&sql)?;
                Ok(select.query_map((user, now), session)?.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
        self.0
            .write(move |batch| {
                let mut delete = batch.conn.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?")?;
                Ok(delete.execute((now,))? as u64)
            })
            .await
    }
}
