use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension};

use super::Database;
use crate::domain::{
    entities::registration::Registration,
    error::{DomainError, Result},
    interfaces::account_repository::AccountRepository,
};

/// What administrators decide.
#[derive(Clone)]
pub struct SqliteAccounts(pub(super) Arc<Database>);

/// Who may open an account, if that was decided.
pub(super) fn registration(conn: &Connection) -> Result<Option<Registration>> {
    let mode: Option<String> = conn
        .prepare_cached("SELECT value FROM settings WHERE name = 'registration'")?
        .query_row((), |row| row.get(0))
        .optional()?;
    let Some(mode) = mode else { return Ok(None) };
    match Registration::from_name(&mode) {
        Some(mode) => Ok(Some(mode)),
        None => Err(DomainError::internal(format!("the database holds a registration {mode:?}"))),
    }
}

pub(super) fn set_registration(conn: &Connection, mode: Registration) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR REPLACE INTO settings (name, value) VALUES ('registration', ?)")?
        .execute((mode.as_str(),))?;
    Ok(())
}

/// Whether nobody is there; who is gone does not count.
pub(super) fn is_empty(conn: &Connection) -> rusqlite::Result<bool> {
    let anybody = conn.prepare_cached("SELECT 1 FROM users WHERE deleted_at IS NULL LIMIT 1")?.exists(())?;
    Ok(!anybody)
}

#[async_trait]
impl AccountRepository for SqliteAccounts {
    async fn registration(&self) -> Result<Registration> {
        self.0.read(|conn| Ok(registration(conn)?.unwrap_or_default())).await
    }

    async fn set_registration(&self, mode: Registration) -> Result<()> {
        self.0.write(move |batch| Ok(set_registration(batch.conn, mode)?)).await
    }

    async fn is_empty(&self) -> Result<bool> {
        self.0.read(|conn| Ok(is_empty(conn)?)).await
    }
}
