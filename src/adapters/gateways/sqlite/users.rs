use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Database, accounts, conversations, members, values::int};
use crate::domain::{
    entities::{
        change::Change,
        conversation::{ConversationKind, GENERAL_TITLE, Title},
        ids::{ConversationId, UserId},
        search_text::{fold, name_keys},
        timestamp::Timestamp,
        user::{PasswordHash, ProfilePatch, User, Username},
    },
    error::{DomainError, Result},
    interfaces::user_repository::{UserPage, UserRepository},
};

/// People.
#[derive(Clone)]
pub struct SqliteUsers(pub(super) Arc<Database>);

pub(super) const COLUMNS: &str = "id, username, display_name, locale, created_at, last_seen_at, avatar";

pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        username: row.get(1)?,
        display_name: row.get(2)?,
        locale: row.get(3)?,
        created_at: row.get(4)?,
        last_seen_at: row.get(5)?,
        avatar: row.get(6)?,
    })
}

fn find(conn: &Connection, id: UserId) -> rusqlite::Result<Option<User>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ? AND deleted_at IS NULL"))?
        .query_row((id,), user)
        .optional()
}

/// Whether somebody exists.
pub(super) fn exists(conn: &Connection, id: UserId) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM users WHERE id = ? AND deleted_at IS NULL")?.exists((id,))
}

/// Whether somebody exists and is not banned.
pub(super) fn may_sign_in(conn: &Connection, id: UserId) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM users WHERE id = ? AND deleted_at IS NULL AND banned_at IS NULL")?
        .exists((id,))
}

fn write_names(conn: &Connection, user: &User) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM user_names WHERE user = ?")?.execute((user.id,))?;
    let mut names = name_keys(user.display_name.as_str());
    names.insert(user.username.as_str().to_owned());
    let mut insert = conn.prepare_cached("INSERT INTO user_names (name, user) VALUES (?, ?)")?;
    for name in names {
        insert.execute((name, user.id))?;
    }
    Ok(())
}

/// Stores a person and what they are found by.
pub(super) fn insert(conn: &Connection, user: &User, hash: &PasswordHash) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO users (id, username, display_name, password_hash, locale, created_at, last_seen_at, avatar)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        user.id,
        user.username,
        user.display_name,
        hash,
        user.locale,
        user.created_at,
        user.last_seen_at,
        user.avatar
    ])?;
    write_names(conn, user)
}

#[async_trait]
impl UserRepository for SqliteUsers {
    async fn create(&self, user: &User, hash: &PasswordHash, general: ConversationId) -> Result<()> {
        let (user, hash) = (user.clone(), hash.clone());
        self.0
            .write(move |batch| {
                let taken = batch
                    .conn
                    .prepare_cached("SELECT 1 FROM users WHERE username = ?")?
                    .exists((&user.username,))?;
                if taken {
                    return Err(DomainError::UsernameTaken);
                }
                let is_first = accounts::is_empty(batch.conn)?;
                insert(batch.conn, &user, &hash)?;
                if is_first {
                    batch
                        .conn
                        .prepare_cached("UPDATE users SET admin = 1 WHERE id = ?")?
                        .execute((user.id,))?;
                }
                if let Some(general) = conversations::general(batch.conn)? {
                    members::join(batch, general, &[user.id], user.created_at)?;
                    return Ok(());
                }
                let title = Title::parse(GENERAL_TITLE).map_err(|error| DomainError::Invalid(vec![error]))?;
                let kind = ConversationKind::Channel;
                conversations::insert(batch.conn, general, kind, Some(&title), None, true, user.created_at)?;
                members::insert_all(batch.conn, general, None, &[user.id], user.created_at)?;
                let conversation = Arc::new(conversations::load(batch.conn, general)?);
                batch.publish(Change::ConversationCreated { conversation, members: vec![user.id] });
                Ok(())
            })
            .await
    }

    async fn is_admin(&self, id: UserId) -> Result<bool> {
        self.0
            .read(move |conn| {
                Ok(conn.prepare_cached("SELECT 1 FROM users WHERE id = ? AND admin")?.exists((id,))?)
            })
            .await
    }

    async fn find(&self, id: UserId) -> Result<Option<User>> {
        self.0.read(move |conn| Ok(find(conn, id)?)).await
    }

    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        self.0
            .read(move |conn| {
                ids.into_iter()
                    .filter_map(|id| find(conn, id).map_err(DomainError::from).transpose())
                    .collect()
            })
            .await
    }

    async fn find_with_hash(&self, username: &Username) -> Result<Option<(User, PasswordHash)>> {
        let username = username.clone();
        self.0
            .read(move |conn| {
                let sql = format!("SELECT {COLUMNS}, password_hash FROM users WHERE username = ?");
                let with_hash = |row: &Row<'_>| Ok((user(row)?, row.get(7)?));
                Ok(conn.prepare_cached(&sql)?.query_row((username,), with_hash).optional()?)
            })
            .await
    }

    async fn password_hash(&self, id: UserId) -> Result<PasswordHash> {
        self.0
            .read(move |conn| {
                conn.prepare_cached("SELECT password_hash FROM users WHERE id = ? AND deleted_at IS NULL")?
                    .query_row((id,), |row| row.get(0))
                    .optional()?
                    .ok_or(DomainError::NotFound("user"))
            })
            .await
    }

    async fn set_password_hash(&self, id: UserId, hash: &PasswordHash) -> Result<()> {
        let hash = hash.clone();
        self.0
            .write(move |batch| {
                let mut update = batch.conn.prepare_cached(
                    "UPDATE users SET password_hash = ? WHERE id = ? AND deleted_at IS NULL",
                )?;
                match update.execute((hash, id))? {
                    0 => Err(DomainError::NotFound("user")),
                    _ => Ok(()),
                }
            })
            .await
    }

    async fn update_profile(&self, id: UserId, patch: &ProfilePatch) -> Result<User> {
        let patch = patch.clone();
        self.0
            .write(move |batch| {
                let mut user = find(batch.conn, id)?.ok_or(DomainError::NotFound("user"))?;
                user.display_name = patch.display_name.unwrap_or(user.display_name);
                user.locale = patch.locale.or(user.locale);
                user.avatar = patch.avatar.unwrap_or(user.avatar);
                batch
                    .conn
                    .prepare_cached("UPDATE users SET display_name = ?, locale = ?, avatar = ? WHERE id = ?")?
                    .execute((&user.display_name, &user.locale, user.avatar, id))?;
                write_names(batch.conn, &user)?;
                Ok(user)
            })
            .await
    }

    async fn set_last_seen(&self, id: UserId, at: Timestamp) -> Result<()> {
        self.0
            .write(move |batch| {
                batch
                    .conn
                    .prepare_cached(
                        "UPDATE users SET last_seen_at = ?1
                         WHERE id = ?2 AND deleted_at IS NULL AND (last_seen_at IS NULL OR last_seen_at < ?1)",
                    )?
                    .execute((at, id))?;
                Ok(())
            })
            .await
    }

    async fn search(&self, prefix: &str, after: Option<&Username>, limit: u32) -> Result<UserPage> {
        let prefix = fold(prefix);
        let after = after.map_or_else(String::new, |username| username.as_str().to_owned());
        let wanted = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        self.0
            .read(move |conn| {
                let named = if prefix.is_empty() {
                    ""
                } else {
                    "AND id IN (SELECT user FROM user_names WHERE name >= ?3 AND name < ?4)"
                };
                let sql = format!(
                    "SELECT {COLUMNS} FROM users WHERE username > ?1 AND deleted_at IS NULL {named}
                     ORDER BY username LIMIT ?2"
                );
                let mut select = conn.prepare_cached(&sql)?;
                let more = int(wanted as u64).saturating_add(1);
                // Nothing that starts with the prefix sorts after the prefix and the last character.
                let end = format!("{prefix}\u{10ffff}");
                let rows = if prefix.is_empty() {
                    select.query_map(params![after, more], user)?.collect::<rusqlite::Result<Vec<_>>>()?
                } else {
                    select
                        .query_map(params![after, more, prefix, end], user)?
                        .collect::<rusqlite::Result<Vec<_>>>()?
                };
                let mut users = rows;
                let next = (users.len() > wanted).then(|| {
                    users.truncate(wanted);
                    users.last().map(|user| user.username.clone())
                });
                Ok(UserPage { users, next: next.flatten() })
            })
            .await
    }

    async fn contacts(&self, id: UserId) -> Result<Vec<UserId>> {
        self.0.read(move |conn| Ok(contacts(conn, id)?)).await
    }

    async fn contacts_of(&self, ids: &[UserId]) -> Result<HashMap<UserId, Vec<UserId>>> {
        let ids = ids.to_vec();
        self.0.read(move |conn| ids.into_iter().map(|id| Ok((id, contacts(conn, id)?))).collect()).await
    }
}

fn contacts(conn: &Connection, id: UserId) -> rusqlite::Result<Vec<UserId>> {
    let mut select = conn.prepare_cached(
        "SELECT DISTINCT other.user
         FROM members mine
         JOIN conversations c ON c.id = mine.conversation AND c.kind IN ('direct', 'group')
         JOIN members other ON other.conversation = mine.conversation
         WHERE mine.user = ?1 AND other.user <> ?1",
    )?;
    select.query_map((id,), |row| row.get(0))?.collect()
}
