//! What was reported.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::domain::{
    entities::{
        actor::Actor,
        ids::{ReportId, UserId},
        message::Message,
        report::Report,
        user::User,
    },
    error::Result,
    interfaces::{
        message_repository::MessageRepository, report_repository::ReportRepository,
        user_repository::UserRepository,
    },
    usecases::admin::require_admin,
};

/// A report with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub report: Report,
    /// As it is now.
    pub message: Message,
    pub reporter: Option<User>,
    pub sender: Option<User>,
    pub closed_by: Option<User>,
}

pub struct ListReports {
    pub users: Arc<dyn UserRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub reports: Arc<dyn ReportRepository>,
}

impl ListReports {
    /// Those whose message is gone with its conversation are left out.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator.
    pub async fn execute(
        &self,
        actor: Actor,
        open: bool,
        before: Option<ReportId>,
        limit: u32,
    ) -> Result<(Vec<Told>, Option<ReportId>)> {
        require_admin(self.users.as_ref(), actor).await?;
        let page = self.reports.list(open, before, limit).await?;
        let ids: BTreeSet<_> = page.reports.iter().map(|report| report.message).collect();
        let messages = self.messages.find_many(&ids.into_iter().collect::<Vec<_>>()).await?;
        let messages: HashMap<_, _> = messages.into_iter().map(|message| (message.id, message)).collect();
        let people: BTreeSet<UserId> = messages.values().map(|message| message.sender).collect();
        let people =
            people.into_iter().chain(page.reports.iter().flat_map(|report| {
                report.reporter.into_iter().chain(report.closing.map(|closing| closing.by))
            }));
        let people: BTreeSet<UserId> = people.collect();
        let people = self.users.find_many(&people.into_iter().collect::<Vec<_>>()).await?;
        let people: HashMap<_, _> = people.into_iter().map(|user| (user.id, user)).collect();
        let person = |id: UserId| people.get(&id).cloned();
        let told = page.reports.into_iter().filter_map(|report| {
            let message = messages.get(&report.message)?.clone();
            Some(Told {
                reporter: report.reporter.and_then(person),
                sender: person(message.sender),
                closed_by: report.closing.and_then(|closing| person(closing.by)),
                message,
                report,
            })
        });
        Ok((told.collect(), page.next))
    }
}
