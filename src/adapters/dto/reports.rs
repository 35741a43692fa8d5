//! What people find wrong with messages, for those who look after the server.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::{IntoParams, ToSchema};

use super::{
    objects::{Attachment, User},
    time::Time,
};

/// The body of `POST /api/v1/messages/{id}/reports`.
#[derive(Debug, Deserialize, TS, ToSchema)]
pub struct ReportMessage {
    /// 1–1,000 characters.
    pub reason: String,
}

/// The message of a report, as it is now.
#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportedMessage {
    pub id: String,
    pub conversation_id: String,
    pub sender_id: String,
    /// Empty once the message was deleted.
    pub body: String,
    pub created_at: Time,
    pub attachments: Vec<Attachment>,
    pub deleted_at: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReportOutcome {
    /// Nothing was wrong with it.
    Dismissed,
    /// The message was deleted.
    Deleted,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub id: String,
    pub reason: String,
    /// Nobody once they deleted their account.
    pub reporter: Option<User>,
    pub message: ReportedMessage,
    pub sender: Option<User>,
    pub created_at: Time,
    pub closed_at: Option<Time>,
    pub closed_by: Option<User>,
    pub outcome: Option<ReportOutcome>,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportPage {
    /// The newest first.
    pub reports: Vec<Report>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// `open` (by default) or `closed`.
    pub state: Option<String>,
    /// 1–100, by default 20.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// The body of `PATCH /api/v1/admin/reports/{id}`.
#[derive(Debug, Deserialize, TS, ToSchema)]
pub struct CloseReport {
    /// `dismissed`, or `deleted`: then the message is deleted for everybody.
    pub outcome: String,
}
