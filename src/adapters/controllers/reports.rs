//! Reports of messages.

use std::sync::Arc;

use super::{known, page_limit};
use crate::{
    adapters::dto::{
        objects::{Attachment, User},
        reports::{
            CloseReport, Report, ReportMessage, ReportOutcome, ReportPage, ReportQuery, ReportedMessage,
        },
        time::Time,
    },
    domain::{
        entities::{actor::Actor, report::Outcome},
        error::{DomainError, Result},
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::reports,
    },
};

pub struct ReportController {
    pub report: reports::report::ReportMessage,
    pub list: reports::list::ListReports,
    pub close: reports::close::CloseReport,
    pub limiter: Arc<dyn RateLimiter>,
}

impl ReportController {
    pub async fn report(&self, actor: Actor, message: &str, input: ReportMessage) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.report.execute(actor, known(message, "message")?, &input.reason).await
    }

    pub async fn list(&self, actor: Actor, input: ReportQuery) -> Result<ReportPage> {
        self.may(Action::Read, actor)?;
        let open = match input.state.as_deref() {
            None | Some("open") => true,
            Some("closed") => false,
            Some(_) => return Err(DomainError::invalid("state", "must be open or closed")),
        };
        let unknown = |_| DomainError::invalid("cursor", "is not one that this server gave");
        let before = input.cursor.as_deref().map(str::parse).transpose().map_err(unknown)?;
        let (told, next) = self.list.execute(actor, open, before, page_limit(input.limit)?).await?;
        Ok(ReportPage {
            reports: told.into_iter().map(report).collect(),
            next_cursor: next.map(|id| id.to_string()),
        })
    }

    pub async fn close(&self, actor: Actor, id: &str, input: CloseReport) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.close.execute(actor, known(id, "report")?, &input.outcome).await
    }

    fn may(&self, action: Action, actor: Actor) -> Result<()> {
        self.limiter.check(action, &Subject::User(actor.user))
    }
}

fn report(told: reports::list::Told) -> Report {
    let reports::list::Told { report, message, reporter, sender, closed_by } = told;
    let user = |user: Option<_>| user.as_ref().map(User::from);
    Report {
        id: report.id.to_string(),
        reason: report.reason.as_str().to_owned(),
        reporter: user(reporter),
        message: ReportedMessage {
            id: message.id.to_string(),
            conversation_id: message.conversation.to_string(),
            sender_id: message.sender.to_string(),
            body: message.body.as_ref().map(|body| body.as_str().to_owned()).unwrap_or_default(),
            created_at: message.created_at.into(),
            attachments: message.attachments.iter().map(Attachment::from).collect(),
            deleted_at: message.deleted_at.map(Time::from),
        },
        sender: user(sender),
        created_at: report.created_at.into(),
        closed_at: report.closing.map(|closing| closing.at.into()),
        closed_by: user(closed_by),
        outcome: report.closing.map(|closing| match closing.outcome {
            Outcome::Dismissed => ReportOutcome::Dismissed,
            Outcome::Deleted => ReportOutcome::Deleted,
        }),
    }
}
