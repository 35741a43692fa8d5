//! Where reports of messages are kept. They go with the conversation.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        ids::{MessageId, ReportId, UserId},
        report::{Closing, Report},
    },
    error::Result,
};

/// The newest (by id) first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPage {
    pub reports: Vec<Report>,
    /// Give this back as `before` for the next page; `None` on the last one.
    pub next: Option<ReportId>,
}

#[async_trait]
pub trait ReportRepository: Send + Sync {
    /// Stores an open report. When the same person reported the same message before, that report gets the new reason, and is
    /// open again.
    async fn put(&self, report: &Report) -> Result<()>;

    async fn find(&self, id: ReportId) -> Result<Option<Report>>;

    /// Open or closed ones.
    async fn list(&self, open: bool, before: Option<ReportId>, limit: u32) -> Result<ReportPage>;

    /// Takes out of reports that somebody made who it was, because their account is closed. The reports stay.
    async fn forget(&self, reporter: UserId) -> Result<()>;

    /// Closes one; a closed one stays as it is.
    async fn close(&self, id: ReportId, closing: Closing) -> Result<()>;

    /// Closes all open ones of a message.
    async fn close_all(&self, message: MessageId, closing: Closing) -> Result<()>;
}
