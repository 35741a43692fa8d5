use std::{collections::BTreeSet, fs::File, path::Path};

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Single, SqliteSource};
use crate::{
    adapters::dto::archive::files,
    adapters::gateways::sqlite::{
        OpenError, accounts, attachments, conversations, keys, marks, open, search, sessions, users,
        values::int,
    },
    domain::{
        entities::{
            archive::{ArchivedBlock, ArchivedConversation, ArchivedMember, ArchivedUser, Key, Record},
            attachment::Upload,
            ids::{ConversationId, UserId},
            message::Message,
        },
        error::{DomainError, Result},
        interfaces::archive::{ArchiveSource, ArchiveTarget, TargetState},
    },
};

/// A database that is being filled, which nobody else may use meanwhile.
pub struct SqliteTarget {
    conn: Single,
    held: SqliteSource,
    _lock: File,
}

impl SqliteTarget {
    /// Opens the file, which is created when it is not there (its directory is not).
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy; the file is as it was.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let path = open::resolve(path)?;
        let opened = open::open(&path, open::Purpose::Filling)?;
        // The indexes are written to all over the place.
        let cache = opened.conn.pragma_update(None, "cache_size", -131_072);
        cache.map_err(|error| open::explain(&path, &error))?;
        let conn = Single::new(opened.conn);
        Ok(Self { held: SqliteSource::of(conn.clone()), conn, _lock: opened.lock })
    }

    async fn transaction<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        self.conn
            .run(move |conn| {
                let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let answer = work(&transaction)?;
                transaction.commit()?;
                Ok(answer)
            })
            .await
    }
}

#[async_trait]
impl ArchiveTarget for SqliteTarget {
    fn held(&self) -> &dyn ArchiveSource {
        &self.held
    }

    async fn state(&self) -> Result<TargetState> {
        self.conn
            .run(|conn| {
                if let Some(origin) = super::unfinished(conn)? {
                    return Ok(TargetState::Begun { origin, last: last(conn)? });
                }
                let filled: bool = conn.query_row(
                    "SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM conversations)",
                    (),
                    |row| row.get(0),
                )?;
                Ok(if filled { TargetState::Filled } else { TargetState::Empty })
            })
            .await
    }

    async fn begin(&self, origin: &str) -> Result<()> {
        let origin = origin.to_owned();
        self.transaction(move |conn| {
            conn.execute_batch(
                "CREATE TABLE unfinished_import
                     (id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL, last TEXT) STRICT",
            )?;
            conn.execute("INSERT INTO unfinished_import VALUES (1, ?, NULL)", (origin,))?;
            put_indexes_aside(conn)
        })
        .await
    }

    async fn write(&self, records: Vec<Record>) -> Result<()> {
        self.transaction(move |conn| {
            // Records and mark are written together, so what was stored before is known exactly.
            let last = last(conn)?;
            let is_new = |record: &&Record| last.is_none_or(|last| record.key() > last);
            let mut texts = Vec::new();
            for record in records.iter().filter(is_new) {
                store(conn, record, &mut texts).map_err(|error| name(record, error))?;
            }
            // The index takes what comes in the order of its keys; what does not makes it write before it must.
            texts.sort_unstable();
            let mut index = conn.prepare_cached("INSERT INTO search (rowid, tokens) VALUES (?, ?)")?;
            for text in &texts {
                index.execute((text.0, &text.1))?;
            }
            if let Some(record) = records.last().filter(is_new) {
                conn.execute("UPDATE unfinished_import SET last = ?", (record.key().to_string(),))?;
            }
            Ok(())
        })
        .await
    }

    async fn settle(&self) -> Result<()> {
        self.transaction(|conn| {
            make_indexes(conn)?;
            conn.execute(
                "UPDATE conversations SET
                     member_count = (SELECT count(*) FROM members WHERE conversation = conversations.id),
                     last_seq = (SELECT coalesce(max(seq), 0) FROM messages
                                 WHERE conversation = conversations.id),
                     active_at = coalesce((SELECT created_at FROM messages
                                           WHERE conversation = conversations.id ORDER BY seq DESC LIMIT 1),
                                          created_at)",
                (),
            )?;
            let mut directs = conn.prepare("SELECT id FROM conversations WHERE kind = 'direct'")?;
            let directs = directs.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            directs.into_iter().try_for_each(|id| write_direct_key(conn, id))?;
            let mut blocks = conn.prepare("SELECT blocker, blocked FROM blocks")?;
            let blocks = blocks.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            for block in blocks.collect::<rusqlite::Result<Vec<_>>>()? {
                marks::silence(conn, block.0, block.1)?;
            }
            Ok(())
        })
        .await
    }

    async fn finish(&self) -> Result<()> {
        self.transaction(|conn| {
            Ok(conn.execute_batch("DROP TABLE unfinished_import; DROP TABLE unfinished_indexes")?)
        })
        .await
    }
}

/// Messages come in the order of their keys and in none of their indexes': made at the end, these are written once instead
/// of all over again in each transaction.
fn put_indexes_aside(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "CREATE TABLE unfinished_indexes AS
             SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'messages' AND sql IS NOT NULL",
    )?;
    let mut names = conn.prepare("SELECT name FROM unfinished_indexes")?;
    let names = names.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    names.iter().try_for_each(|name| Ok(conn.execute_batch(&format!("DROP INDEX {name}"))?))
}

fn make_indexes(conn: &Connection) -> Result<()> {
    let mut indexes = conn.prepare("SELECT sql FROM unfinished_indexes")?;
    let indexes = indexes.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    indexes.iter().try_for_each(|sql| conn.execute_batch(sql))?;
    conn.execute("DELETE FROM unfinished_indexes", ())?;
    Ok(())
}

fn last(conn: &Connection) -> Result<Option<Key>> {
    let last: Option<String> =
        conn.query_row("SELECT last FROM unfinished_import", (), |row| row.get(0)).optional()?.flatten();
    last.map(|last| last.parse().map_err(DomainError::internal)).transpose()
}

/// An error of the database does not say which of many records it is about.
fn name(record: &Record, error: DomainError) -> DomainError {
    match error {
        DomainError::Internal(cause) => DomainError::internal(format!("{}: {cause}", record.key())),
        other => other,
    }
}

/// Stores a record; what it is found by goes into `texts`.
fn store(conn: &Connection, record: &Record, texts: &mut Vec<(i64, String)>) -> Result<()> {
    match record {
        Record::User(user) => Ok(store_user(conn, user)?),
        Record::Gone(gone) => Ok(accounts::insert_gone(conn, gone.id, gone.deleted_at)?),
        Record::Registration(mode) => Ok(accounts::set_registration(conn, *mode)?),
        Record::Block(block) => Ok(store_block(conn, *block)?),
        Record::Session(session) => sessions::insert(conn, session).map(drop).map_err(DomainError::from),
        Record::Conversation(conversation) => Ok(store_conversation(conn, conversation)?),
        Record::Member(member) => Ok(store_member(conn, member)?),
        Record::Message(message) => {
            let pk = store_message(conn, message)?;
            texts.extend(
                message.body.as_ref().map(|body| (pk, search::index_text(message.conversation, body))),
            );
            Ok(())
        }
    }
}

fn store_user(conn: &Connection, user: &ArchivedUser) -> rusqlite::Result<()> {
    users::insert(conn, &user.user, &user.hash)?;
    conn.prepare_cached("UPDATE users SET admin = ?, banned_at = ? WHERE id = ?")?.execute((
        user.admin,
        user.banned_at,
        user.user.id,
    ))?;
    Ok(())
}

fn store_conversation(conn: &Connection, conversation: &ArchivedConversation) -> rusqlite::Result<()> {
    let ArchivedConversation { id, kind, ref title, general, rev, created_at } = *conversation;
    conversations::insert(conn, id, kind, title.as_ref(), None, general, created_at)?;
    conn.prepare_cached("UPDATE conversations SET rev = ? WHERE id = ?")?.execute((int(rev), id))?;
    Ok(())
}

fn store_member(conn: &Connection, member: &ArchivedMember) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO members (conversation, user, role, joined_at, read_seq, muted, pinned, unread)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        member.conversation,
        member.user,
        member.role,
        member.joined_at,
        int(member.read_seq),
        member.muted,
        member.pinned,
        member.unread
    ])?;
    Ok(())
}

fn store_block(conn: &Connection, block: ArchivedBlock) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT INTO blocks (blocker, blocked) VALUES (?, ?)")?
        .execute((block.blocker, block.blocked))?;
    Ok(())
}

fn store_message(conn: &Connection, message: &Message) -> Result<i64> {
    let pk = keys::next(conn, message.id)?;
    conn.prepare_cached(
        "INSERT INTO messages (pk, id, conversation, seq, rev, sender, client_id, body, reply_to, reacted,
             created_at, edited_at, deleted_at, attachments)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        pk,
        message.id,
        message.conversation,
        int(message.seq),
        int(message.rev),
        message.sender,
        message.client_id,
        message.body,
        message.reply_to,
        !message.reactions.is_empty(),
        message.created_at,
        message.edited_at,
        message.deleted_at,
        files::to_json(&message.attachments)
    ])?;
    for upload in Upload::of(message) {
        attachments::insert(conn, &upload, true)?;
    }
    // Only the order of revs counts here. Each reaction took one, the message another one and all of them came before
    // those that will come, so that counting from 1 stays below the next.
    let mut place = 0;
    for reaction in &message.reactions {
        let first = place + 1;
        for user in &reaction.users {
            place += 1;
            conn.prepare_cached(
                "INSERT INTO reactions (message, emoji, user, rev, first_rev) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![pk, reaction.emoji, user, place, first])?;
        }
    }
    Ok(pk)
}

/// What a direct conversation is found by: its two people.
fn write_direct_key(conn: &Connection, id: ConversationId) -> Result<()> {
    let people: BTreeSet<UserId> = conn
        .prepare_cached("SELECT user FROM members WHERE conversation = ?")?
        .query_map((id,), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let people: Vec<UserId> = people.into_iter().collect();
    if let [low, high] = people[..] {
        conn.prepare_cached("UPDATE conversations SET direct_key = ? WHERE id = ?")?
            .execute((conversations::pair_key(low, high), id))?;
    }
    Ok(())
}
