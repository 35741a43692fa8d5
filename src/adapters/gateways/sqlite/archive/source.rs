use std::{fs::File, path::Path};

use async_trait::async_trait;
use rusqlite::{Connection, Params, Row};

use super::Single;
use crate::{
    adapters::gateways::sqlite::{
        OpenError, accounts, keys, open,
        rows::{self, StoredMessage},
        sessions, users,
        values::{int, number},
    },
    domain::{
        entities::{
            archive::{
                ArchivedBlock, ArchivedConversation, ArchivedGone, ArchivedMember, ArchivedUser, Counts,
            },
            ids::{ConversationId, MessageId, UserId},
            message::Message,
            registration::Registration,
            session::{Session, SessionKey},
        },
        error::Result,
        interfaces::archive::ArchiveSource,
    },
};

/// Everything that a database holds.
pub struct SqliteSource {
    conn: Single,
    /// Keeps servers away, when it is there.
    _lock: Option<File>,
}

impl SqliteSource {
    /// One moment of a database, which may be served meanwhile. Its log grows until this is dropped.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::snapshot(&open::resolve(path)?, None)
    }

    /// A database that no server may use meanwhile.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy.
    pub fn open_alone(path: &Path) -> Result<Self, OpenError> {
        let path = open::resolve(path)?;
        // Before the lock, which makes a file beside it.
        open::source(&path)?;
        let lock = open::lock(&path)?;
        Self::snapshot(&path, Some(lock))
    }

    fn snapshot(path: &Path, lock: Option<File>) -> Result<Self, OpenError> {
        let conn = open::source(path)?;
        let begin = || -> rusqlite::Result<()> {
            conn.pragma_update(None, "query_only", true)?;
            conn.pragma_update(None, "mmap_size", 64 << 20)?;
            // The moment is the one of the first read.
            conn.execute_batch("BEGIN; SELECT 1 FROM users LIMIT 1")
        };
        begin().map_err(|error| open::explain(path, &error))?;
        Ok(Self { conn: Single::new(conn), _lock: lock })
    }

    pub(super) fn of(conn: Single) -> Self {
        Self { conn, _lock: None }
    }
}

fn select<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    Ok(conn.prepare_cached(sql)?.query_map(params, read)?.collect::<rusqlite::Result<_>>()?)
}

/// Sorts before each id.
const FIRST: &[u8] = &[];

/// Keys sort like ids down to the millisecond only, so that milliseconds are read whole and then sorted.
fn messages(conn: &Connection, after: Option<MessageId>, limit: u32) -> Result<Vec<Message>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let sql = format!(
        "SELECT {} FROM messages m WHERE m.pk > ? AND m.pk <= ? AND m.id > ? ORDER BY m.pk LIMIT ?",
        rows::COLUMNS
    );
    let between = |first: i64, last: i64, limit: i64| {
        let after = after.as_ref().map_or(FIRST, |id| id.as_bytes());
        select(conn, &sql, (first, last, after, limit), StoredMessage::read)
    };
    let (first, last) = after.map_or((0, -1), keys::group);
    let mut stored = between(first - 1, last, -1)?;
    if stored.len() < limit {
        stored.extend(between(last, i64::MAX, int((limit - stored.len()) as u64))?);
        if let Some(newest) = stored.last().filter(|_| stored.len() == limit) {
            stored.extend(between(newest.pk, keys::group(newest.id()).1, -1)?);
        }
    }
    stored.sort_unstable_by_key(StoredMessage::id);
    stored.truncate(limit);
    stored.into_iter().map(|stored| Ok(stored.naming(conn, usize::MAX)?)).collect()
}

#[async_trait]
impl ArchiveSource for SqliteSource {
    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<ArchivedUser>> {
        self.conn
            .run(move |conn| {
                let columns = users::COLUMNS;
                let sql = format!(
                    "SELECT {columns}, password_hash, admin, banned_at FROM users
                     WHERE id > ? AND deleted_at IS NULL ORDER BY id LIMIT ?"
                );
                let after = after.as_ref().map_or(FIRST, |id| id.as_bytes());
                select(conn, &sql, (after, limit), |row| {
                    let (user, hash) = (users::user(row)?, row.get(7)?);
                    Ok(ArchivedUser { user, hash, admin: row.get(8)?, banned_at: row.get(9)? })
                })
            })
            .await
    }

    async fn gone(&self, after: Option<UserId>, limit: u32) -> Result<Vec<ArchivedGone>> {
        self.conn
            .run(move |conn| {
                let sql = "SELECT id, deleted_at FROM users
                           WHERE id > ? AND deleted_at IS NOT NULL ORDER BY id LIMIT ?";
                let after = after.as_ref().map_or(FIRST, |id| id.as_bytes());
                select(conn, sql, (after, limit), |row| {
                    Ok(ArchivedGone { id: row.get(0)?, deleted_at: row.get(1)? })
                })
            })
            .await
    }

    async fn registration(&self) -> Result<Option<Registration>> {
        self.conn.run(|conn| accounts::registration(conn)).await
    }

    async fn sessions(&self, after: Option<SessionKey>, limit: u32) -> Result<Vec<Session>> {
        self.conn
            .run(move |conn| {
                let columns = sessions::COLUMNS;
                let sql = format!("SELECT {columns} FROM sessions WHERE key > ? ORDER BY key LIMIT ?");
                let after = after.as_ref().map_or(FIRST, |key| key.as_bytes());
                select(conn, &sql, (after, limit), sessions::session)
            })
            .await
    }

    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ArchivedConversation>> {
        self.conn
            .run(move |conn| {
                let sql = "SELECT id, kind, title, is_general, rev, created_at FROM conversations
                           WHERE id > ? ORDER BY id LIMIT ?";
                let after = after.as_ref().map_or(FIRST, |id| id.as_bytes());
                select(conn, sql, (after, limit), |row| {
                    Ok(ArchivedConversation {
                        id: row.get(0)?,
                        kind: row.get(1)?,
                        title: row.get(2)?,
                        general: row.get(3)?,
                        rev: number(row, 4)?,
                        created_at: row.get(5)?,
                    })
                })
            })
            .await
    }

    async fn members(
        &self,
        after: Option<(ConversationId, UserId)>,
        limit: u32,
    ) -> Result<Vec<ArchivedMember>> {
        self.conn
            .run(move |conn| {
                let sql =
                    "SELECT conversation, user, role, joined_at, read_seq, muted, pinned, unread FROM members
                           WHERE (conversation, user) > (?, ?) ORDER BY conversation, user LIMIT ?";
                let (id, user) = after
                    .as_ref()
                    .map_or((FIRST, FIRST), |(id, user)| (id.as_bytes().as_slice(), user.as_bytes()));
                select(conn, sql, (id, user, limit), |row| {
                    Ok(ArchivedMember {
                        conversation: row.get(0)?,
                        user: row.get(1)?,
                        role: row.get(2)?,
                        joined_at: row.get(3)?,
                        read_seq: number(row, 4)?,
                        muted: row.get(5)?,
                        pinned: row.get(6)?,
                        unread: row.get(7)?,
                    })
                })
            })
            .await
    }

    async fn messages(&self, after: Option<MessageId>, limit: u32) -> Result<Vec<Message>> {
        self.conn.run(move |conn| messages(conn, after, limit)).await
    }

    async fn blocks(&self, after: Option<(UserId, UserId)>, limit: u32) -> Result<Vec<ArchivedBlock>> {
        self.conn
            .run(move |conn| {
                let sql = "SELECT blocker, blocked FROM blocks
                           WHERE (blocker, blocked) > (?, ?) ORDER BY blocker, blocked LIMIT ?";
                let (blocker, blocked) = after
                    .as_ref()
                    .map_or((FIRST, FIRST), |(one, other)| (one.as_bytes().as_slice(), other.as_bytes()));
                select(conn, sql, (blocker, blocked, limit), |row| {
                    Ok(ArchivedBlock { blocker: row.get(0)?, blocked: row.get(1)? })
                })
            })
            .await
    }

    async fn counts(&self) -> Result<Counts> {
        self.conn
            .run(|conn| {
                let count = |table: &str| {
                    conn.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| number(row, 0))
                };
                Ok(Counts {
                    users: count("users WHERE deleted_at IS NULL")?,
                    gone: count("users WHERE deleted_at IS NOT NULL")?,
                    settings: count("settings")?,
                    blocks: count("blocks")?,
                    sessions: count("sessions")?,
                    conversations: count("conversations")?,
                    members: count("members")?,
                    messages: count("messages")?,
                })
            })
            .await
    }
}
