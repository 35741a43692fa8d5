//! Deciding on a report.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        ids::ReportId,
        report::{Closing, Outcome},
    },
    error::{DomainError, Result},
    interfaces::{clock::Clock, report_repository::ReportRepository, user_repository::UserRepository},
    usecases::{admin::require_admin, messages::delete::DeleteMessage},
};

pub struct CloseReport {
    pub users: Arc<dyn UserRepository>,
    pub reports: Arc<dyn ReportRepository>,
    pub delete: DeleteMessage,
    pub clock: Arc<dyn Clock>,
}

impl CloseReport {
    /// Deleting the message closes all reports of it. A report that is closed stays as it is.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator; `Invalid` naming `outcome`; `NotFound`.
    pub async fn execute(&self, actor: Actor, id: ReportId, outcome: &str) -> Result<()> {
        require_admin(self.users.as_ref(), actor).await?;
        let outcome = Outcome::from_name(outcome)
            .ok_or_else(|| DomainError::invalid("outcome", "must be dismissed or deleted"))?;
        let report = self.reports.find(id).await?.ok_or(DomainError::NotFound("report"))?;
        let closing = Closing { at: self.clock.now(), by: actor.user, outcome };
        match outcome {
            Outcome::Dismissed => self.reports.close(id, closing).await,
            Outcome::Deleted => {
                self.delete.by_administrator(report.message).await?;
                self.reports.close_all(report.message, closing).await
            }
        }
    }
}
