use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};

use super::Database;
use crate::domain::{
    entities::{
        ids::{ConversationId, InviteId},
        invite::Invite,
        timestamp::Timestamp,
    },
    error::Result,
    interfaces::invite_repository::InviteRepository,
};

/// Invitations.
#[derive(Clone)]
pub struct SqliteInvites(pub(super) Arc<Database>);

const COLUMNS: &str = "id, conversation, creator, created_at, expires_at, uses, max_uses";
const OPEN: &str = "(expires_at IS NULL OR expires_at > ?1) AND (max_uses IS NULL OR uses < max_uses)";

fn invite(row: &Row<'_>) -> rusqlite::Result<Invite> {
    Ok(Invite {
        id: row.get(0)?,
        conversation: row.get(1)?,
        creator: row.get(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        uses: row.get(5)?,
        max_uses: row.get(6)?,
    })
}

#[async_trait]
impl InviteRepository for SqliteInvites {
    async fn insert(&self, invite: &Invite) -> Result<()> {
        let Invite { id, conversation, creator, created_at, expires_at, uses, max_uses } = invite.clone();
        self.0
            .write(move |batch| {
                let gone = format!("DELETE FROM invites WHERE conversation = ?2 AND NOT ({OPEN})");
                batch.conn.prepare_cached(&gone)?.execute(params![created_at, conversation])?;
                let sql = format!("INSERT INTO invites ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)");
                batch.conn.prepare_cached(&sql)?.execute(params![
                    id,
                    conversation,
                    creator,
                    created_at,
                    expires_at,
                    uses,
                    max_uses
                ])?;
                Ok(())
            })
            .await
    }

    async fn find(&self, id: InviteId) -> Result<Option<Invite>> {
        self.0
            .read(move |conn| {
                let sql = format!("SELECT {COLUMNS} FROM invites WHERE id = ?");
                Ok(conn.prepare_cached(&sql)?.query_row((id,), invite).optional()?)
            })
            .await
    }

    async fn of_conversation(&self, id: ConversationId) -> Result<Vec<Invite>> {
        self.0
            .read(move |conn| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM invites WHERE conversation = ? ORDER BY created_at DESC, id DESC"
                );
                let invites: rusqlite::Result<_> =
                    conn.prepare_cached(&sql)?.query_map((id,), invite)?.collect();
                Ok(invites?)
            })
            .await
    }

    async fn take(&self, id: InviteId, now: Timestamp) -> Result<bool> {
        self.0
            .write(move |batch| {
                let sql = format!("UPDATE invites SET uses = uses + 1 WHERE id = ?2 AND {OPEN}");
                Ok(batch.conn.prepare_cached(&sql)?.execute(params![now, id])? > 0)
            })
            .await
    }

    async fn give_back(&self, id: InviteId) -> Result<()> {
        self.0
            .write(move |batch| {
                let sql = "UPDATE invites SET uses = uses - 1 WHERE id = ? AND uses > 0";
                batch.conn.prepare_cached(sql)?.execute((id,))?;
                Ok(())
            })
            .await
    }

    async fn delete(&self, conversation: ConversationId, id: InviteId) -> Result<bool> {
        self.0
            .write(move |batch| {
                let sql = "DELETE FROM invites WHERE id = ? AND conversation = ?";
                Ok(batch.conn.prepare_cached(sql)?.execute((id, conversation))? > 0)
            })
            .await
    }

    async fn delete_all(&self, conversation: ConversationId) -> Result<()> {
        self.0
            .write(move |batch| {
                batch
                    .conn
                    .prepare_cached("DELETE FROM invites WHERE conversation = ?")?
                    .execute((conversation,))?;
                Ok(())
            })
            .await
    }
}
