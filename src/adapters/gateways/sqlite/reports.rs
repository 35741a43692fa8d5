use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::Database;
use crate::domain::{
    entities::{
        ids::{MessageId, ReportId, UserId},
        report::{Closing, Report},
    },
    error::Result,
    interfaces::report_repository::{ReportPage, ReportRepository},
};

/// Reports of messages.
#[derive(Clone)]
pub struct SqliteReports(pub(super) Arc<Database>);

const COLUMNS: &str =
    "id, message, conversation, reporter, reason, created_at, closed_at, closed_by, outcome";

fn report(row: &Row<'_>) -> rusqlite::Result<Report> {
    let closing = match row.get(6)? {
        Some(at) => Some(Closing { at, by: row.get(7)?, outcome: row.get(8)? }),
        None => None,
    };
    Ok(Report {
        id: row.get(0)?,
        message: row.get(1)?,
        conversation: row.get(2)?,
        reporter: row.get(3)?,
        reason: row.get(4)?,
        created_at: row.get(5)?,
        closing,
    })
}

/// Closes the open ones that have this in a column.
fn close(conn: &Connection, column: &str, value: impl ToSql, closing: Closing) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE reports SET closed_at = ?, closed_by = ?, outcome = ? WHERE {column} = ? AND closed_at IS NULL"
    );
    let Closing { at, by, outcome } = closing;
    conn.prepare_cached(&sql)?.execute((at, by, outcome, value))?;
    Ok(())
}

#[async_trait]
impl ReportRepository for SqliteReports {
    async fn put(&self, report: &Report) -> Result<()> {
        let report = report.clone();
        self.0
            .write(move |batch| {
                batch
                    .conn
                    .prepare_cached(
                        "INSERT INTO reports (id, message, conversation, reporter, reason, created_at)
                         VALUES (?, ?, ?, ?, ?, ?)
                         ON CONFLICT (message, reporter) DO UPDATE SET
                             reason = excluded.reason, closed_at = NULL, closed_by = NULL, outcome = NULL",
                    )?
                    .execute(params![
                        report.id,
                        report.message,
                        report.conversation,
                        report.reporter,
                        report.reason,
                        report.created_at
                    ])?;
                Ok(())
            })
            .await
    }

    async fn find(&self, id: ReportId) -> Result<Option<Report>> {
        self.0
            .read(move |conn| {
                let sql = format!("SELECT {COLUMNS} FROM reports WHERE id = ?");
                Ok(conn.prepare_cached(&sql)?.query_row((id,), report).optional()?)
            })
            .await
    }

    async fn list(&self, open: bool, before: Option<ReportId>, limit: u32) -> Result<ReportPage> {
        self.0
            .read(move |conn| {
                let state = if open { "IS NULL" } else { "IS NOT NULL" };
                let sql = format!(
                    "SELECT {COLUMNS} FROM reports WHERE closed_at {state} AND (?1 IS NULL OR id < ?1)
                     ORDER BY id DESC LIMIT ?2"
                );
                let limit = limit.max(1);
                let mut reports: Vec<Report> = conn
                    .prepare_cached(&sql)?
                    .query_map((before, i64::from(limit) + 1), report)?
                    .collect::<rusqlite::Result<_>>()?;
                let more = reports.len() > limit as usize;
                reports.truncate(limit as usize);
                let next = reports.last().filter(|_| more).map(|report| report.id);
                Ok(ReportPage { reports, next })
            })
            .await
    }

    async fn forget(&self, reporter: UserId) -> Result<()> {
        self.0
            .write(move |batch| {
                let sql = "UPDATE reports SET reporter = NULL WHERE reporter = ?";
                batch.conn.prepare_cached(sql)?.execute((reporter,))?;
                Ok(())
            })
            .await
    }

    async fn close(&self, id: ReportId, closing: Closing) -> Result<()> {
        self.0.write(move |batch| Ok(close(batch.conn, "id", id, closing)?)).await
    }

    async fn close_all(&self, message: MessageId, closing: Closing) -> Result<()> {
        self.0.write(move |batch| Ok(close(batch.conn, "message", message, closing)?)).await
    }
}
