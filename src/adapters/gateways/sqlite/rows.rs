//! Messages as they stand in their table.

use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::{
    keys, reactions,
    values::{Files, int, number},
};
use crate::domain::entities::{
    ids::{ConversationId, MessageId},
    message::Message,
};

/// What [`StoredMessage`] is read from; `m` is the table.
pub(super) const COLUMNS: &str = "m.pk, m.id, m.conversation, m.seq, m.rev, m.sender, m.client_id, m.body, \
                                  m.reply_to, m.reacted, m.created_at, m.edited_at, m.deleted_at, m.attachments";

/// Places of some of these.
pub(super) const ID: usize = 1;
pub(super) const CONVERSATION: usize = 2;
pub(super) const SENDER: usize = 5;
pub(super) const BODY: usize = 7;
pub(super) const CREATED_AT: usize = 10;

pub(super) struct StoredMessage {
    pub pk: i64,
    reacted: bool,
    message: Message,
}

impl StoredMessage {
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let message = Message {
            id: row.get(ID)?,
            conversation: row.get(CONVERSATION)?,
            seq: number(row, 3)?,
            rev: number(row, 4)?,
            sender: row.get(5)?,
            client_id: row.get(6)?,
            body: row.get(BODY)?,
            attachments: row.get::<_, Files>(13)?.0,
            reply_to: row.get(8)?,
            reactions: Vec::new(),
            created_at: row.get(10)?,
            edited_at: row.get(11)?,
            deleted_at: row.get(12)?,
        };
        Ok(Self { pk: row.get(0)?, reacted: row.get(9)?, message })
    }

    pub fn id(&self) -> MessageId {
        self.message.id
    }

    /// Without its reactions.
    pub const fn message(&self) -> &Message {
        &self.message
    }

    /// The message with its reactions, which most have none of.
    pub fn complete(self, conn: &Connection) -> rusqlite::Result<Message> {
        self.naming(conn, Message::MAX_REACTION_USERS)
    }

    /// The message with its reactions and the first `limit` people of each.
    pub fn naming(self, conn: &Connection, limit: usize) -> rusqlite::Result<Message> {
        let mut message = self.message;
        if self.reacted {
            message.reactions = reactions::naming(conn, self.pk, limit)?;
        }
        Ok(message)
    }
}

/// The messages that `SELECT COLUMNS FROM` and `rest` give.
pub(super) fn select(conn: &Connection, rest: &str, params: impl Params) -> rusqlite::Result<Vec<Message>> {
    let mut select = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM {rest}"))?;
    select.query_map(params, StoredMessage::read)?.map(|stored| stored?.complete(conn)).collect()
}

/// A message with its key.
pub(super) fn find(conn: &Connection, id: MessageId) -> rusqlite::Result<Option<(i64, Message)>> {
    let (first, last) = keys::group(id);
    let sql = format!("SELECT {COLUMNS} FROM messages m WHERE m.pk BETWEEN ? AND ? AND m.id = ?");
    let stored = conn.prepare_cached(&sql)?.query_row((first, last, id), StoredMessage::read).optional()?;
    stored.map(|stored| Ok((stored.pk, stored.complete(conn)?))).transpose()
}

pub(super) fn by_seq(conn: &Connection, id: ConversationId, seq: u64) -> rusqlite::Result<Option<Message>> {
    Ok(select(conn, "messages m WHERE m.conversation = ? AND m.seq = ?", (id, int(seq)))?.pop())
}
