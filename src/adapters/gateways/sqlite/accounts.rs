use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    Database, users,
    values::{int, number},
};
use crate::domain::{
    entities::{
        account::{Account, AccountFilter, AccountPatch, last_admin},
        change::Change,
        ids::UserId,
        registration::Registration,
        search_text::fold,
        timestamp::Timestamp,
        user::Username,
    },
    error::{DomainError, Result},
    interfaces::account_repository::{AccountPage, AccountRepository, Figures},
};

/// What administrators decide.
#[derive(Clone)]
pub struct SqliteAccounts(pub(super) Arc<Database>);

const NOT_FOUND: DomainError = DomainError::NotFound("user");

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account { user: users::user(row)?, admin: row.get(7)?, banned_at: row.get(8)? })
}

fn find(conn: &Connection, id: UserId) -> rusqlite::Result<Option<Account>> {
    let columns = users::COLUMNS;
    conn.prepare_cached(&format!(
        "SELECT {columns}, admin, banned_at FROM users WHERE id = ? AND deleted_at IS NULL"
    ))?
    .query_row((id,), account)
    .optional()
}

fn is_last_admin(conn: &Connection, id: UserId) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "SELECT 1 FROM users WHERE id = ?1 AND admin
         AND NOT EXISTS (SELECT 1 FROM users INDEXED BY users_admins WHERE admin AND id <> ?1)",
    )?
    .exists((id,))
}

fn ensure_may_close(conn: &Connection, id: UserId) -> Result<()> {
    let others =
        || conn.prepare_cached("SELECT 1 FROM users WHERE id <> ? AND deleted_at IS NULL")?.exists((id,));
    if is_last_admin(conn, id)? && others()? {
        return Err(DomainError::Invalid(vec![last_admin()]));
    }
    Ok(())
}

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

/// Stores that somebody was there. The username is none that anybody could have, and no two have the same.
pub(super) fn insert_gone(conn: &Connection, id: UserId, at: Timestamp) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO users (id, username, display_name, password_hash, created_at, deleted_at)
         VALUES (?1, '~' || hex(?1), '', '*', ?2, ?2)
         ON CONFLICT (id) DO UPDATE SET username = excluded.username, display_name = '', password_hash = '*',
             locale = NULL, created_at = excluded.created_at, last_seen_at = NULL, avatar = NULL, admin = 0,
             banned_at = NULL, deleted_at = excluded.deleted_at",
    )?
    .execute((id, at))?;
    conn.prepare_cached("DELETE FROM user_names WHERE user = ?")?.execute((id,))?;
    Ok(())
}

fn search(
    conn: &Connection,
    prefix: &str,
    filter: AccountFilter,
    after: &str,
    limit: u32,
) -> Result<AccountPage> {
    let prefix = fold(prefix);
    let chosen = match filter {
        AccountFilter::All => "",
        AccountFilter::Admins => "AND admin",
        AccountFilter::Banned => "AND banned_at IS NOT NULL",
    };
    let sql = format!(
        "SELECT {}, admin, banned_at FROM users
         WHERE username > ?1 AND deleted_at IS NULL {chosen}
         AND (?3 = '' OR id IN (SELECT user FROM user_names WHERE name >= ?3 AND name < ?4))
         ORDER BY username LIMIT ?2",
        users::COLUMNS
    );
    let wanted = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let more = int(wanted as u64).saturating_add(1);
    // Nothing that starts with the prefix sorts after the prefix and the last character.
    let end = format!("{prefix}\u{10ffff}");
    let mut accounts: Vec<Account> = conn
        .prepare_cached(&sql)?
        .query_map(params![after, more, prefix, end], account)?
        .collect::<rusqlite::Result<_>>()?;
    let has_more = accounts.len() > wanted;
    accounts.truncate(wanted);
    let next = accounts.last().filter(|_| has_more).map(|last| last.user.username.clone());
    Ok(AccountPage { accounts, next })
}

fn figures(conn: &Connection) -> rusqlite::Result<Figures> {
    conn.query_row(
        "SELECT (SELECT count(*) FROM users WHERE deleted_at IS NULL),
                (SELECT count(*) FROM users WHERE banned_at IS NOT NULL),
                (SELECT count(*) FROM conversations), (SELECT coalesce(sum(last_seq), 0) FROM conversations),
                (SELECT count(*) FROM attachments WHERE discarded = 0),
                (SELECT coalesce(sum(json_extract(file, '$[0].size')), 0) FROM attachments WHERE discarded = 0)",
        (),
        |row| {
            Ok(Figures {
                users: number(row, 0)?,
                banned_users: number(row, 1)?,
                conversations: number(row, 2)?,
                messages: number(row, 3)?,
                files: number(row, 4)?,
                file_bytes: number(row, 5)?,
            })
        },
    )
}

#[async_trait]
impl AccountRepository for SqliteAccounts {
    async fn account(&self, id: UserId) -> Result<Option<Account>> {
        self.0.read(move |conn| Ok(find(conn, id)?)).await
    }

    async fn accounts(
        &self,
        prefix: &str,
        filter: AccountFilter,
        after: Option<&Username>,
        limit: u32,
    ) -> Result<AccountPage> {
        let prefix = prefix.to_owned();
        let after = after.map_or_else(String::new, |username| username.as_str().to_owned());
        self.0.read(move |conn| search(conn, &prefix, filter, &after, limit)).await
    }

    async fn patch_account(&self, id: UserId, patch: AccountPatch) -> Result<Account> {
        self.0
            .write(move |batch| {
                let account = find(batch.conn, id)?.ok_or(NOT_FOUND)?;
                let account = account
                    .patched(patch, is_last_admin(batch.conn, id)?)
                    .map_err(|error| DomainError::Invalid(vec![error]))?;
                batch
                    .conn
                    .prepare_cached("UPDATE users SET admin = ?, banned_at = ? WHERE id = ?")?
                    .execute((account.admin, account.banned_at, id))?;
                Ok(account)
            })
            .await
    }

    async fn ensure_may_close(&self, id: UserId) -> Result<()> {
        self.0.read(move |conn| ensure_may_close(conn, id)).await
    }

    async fn close_account(&self, id: UserId, at: Timestamp) -> Result<Account> {
        self.0
            .write(move |batch| {
                let account = find(batch.conn, id)?.ok_or(NOT_FOUND)?;
                ensure_may_close(batch.conn, id)?;
                insert_gone(batch.conn, id, at)?;
                batch.publish(Change::Profile(id));
                Ok(account)
            })
            .await
    }

    async fn registration(&self) -> Result<Registration> {
        self.0.read(|conn| Ok(registration(conn)?.unwrap_or_default())).await
    }

    async fn set_registration(&self, mode: Registration) -> Result<()> {
        self.0.write(move |batch| Ok(set_registration(batch.conn, mode)?)).await
    }

    async fn is_empty(&self) -> Result<bool> {
        self.0.read(|conn| Ok(is_empty(conn)?)).await
    }

    async fn figures(&self) -> Result<Figures> {
        self.0.read(|conn| Ok(figures(conn)?)).await
    }
}
