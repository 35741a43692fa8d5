//! Telling the administrators that something is wrong with a message.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        ids::{MessageId, ReportId},
        report::{Reason, Report},
    },
    error::{DomainError, Result},
    interfaces::{clock::Clock, id_generator::IdGenerator, report_repository::ReportRepository},
    usecases::messages::find::FindMessage,
};

pub struct ReportMessage {
    pub find: FindMessage,
    pub reports: Arc<dyn ReportRepository>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
}

impl ReportMessage {
    /// Members may; a second time replaces the reason.
    ///
    /// # Errors
    /// `Invalid` naming `reason`, or `messageId` for one's own message; `NotFound`; `MessageDeleted`.
    pub async fn execute(&self, actor: Actor, id: MessageId, reason: &str) -> Result<()> {
        let reason = Reason::parse(reason).map_err(|error| DomainError::Invalid(vec![error]))?;
        let message = self.find.execute(actor, id).await?;
        if message.sender == actor.user {
            return Err(DomainError::invalid("messageId", "is a message of your own"));
        }
        if message.is_deleted() {
            return Err(DomainError::MessageDeleted);
        }
        let report = Report {
            id: ReportId::from_uuid(self.ids.next()),
            message: id,
            conversation: message.conversation,
            reporter: Some(actor.user),
            reason,
            created_at: self.clock.now(),
            closing: None,
        };
        self.reports.put(&report).await
    }
}
