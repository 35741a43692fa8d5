use async_trait::async_trait;

use super::Memory;
use crate::domain::{
    entities::{
        ids::{MessageId, ReportId, UserId},
        report::{Closing, Report},
    },
    error::Result,
    interfaces::report_repository::{ReportPage, ReportRepository},
};

#[async_trait]
impl ReportRepository for Memory {
    async fn put(&self, report: &Report) -> Result<()> {
        let mut state = self.state()?;
        let same = |other: &&mut Report| other.message == report.message && other.reporter == report.reporter;
        if let Some(same) = state.reports.values_mut().find(same) {
            same.reason = report.reason.clone();
            same.closing = None;
            return Ok(());
        }
        state.reports.insert(report.id, report.clone());
        Ok(())
    }

    async fn find(&self, id: ReportId) -> Result<Option<Report>> {
        Ok(self.state()?.reports.get(&id).cloned())
    }

    async fn list(&self, open: bool, before: Option<ReportId>, limit: u32) -> Result<ReportPage> {
        let state = self.state()?;
        let wanted = |report: &&Report| {
            report.closing.is_none() == open && before.is_none_or(|before| report.id < before)
        };
        let mut reports: Vec<Report> = state.reports.values().rev().filter(wanted).cloned().collect();
        let limit = limit.max(1) as usize;
        let next = (reports.len() > limit).then(|| reports[limit - 1].id);
        reports.truncate(limit);
        Ok(ReportPage { reports, next })
    }

    async fn forget(&self, reporter: UserId) -> Result<()> {
        for report in self.state()?.reports.values_mut() {
            report.reporter = report.reporter.filter(|other| *other != reporter);
        }
        Ok(())
    }

    async fn close(&self, id: ReportId, closing: Closing) -> Result<()> {
        if let Some(report) = self.state()?.reports.get_mut(&id) {
            report.closing.get_or_insert(closing);
        }
        Ok(())
    }

    async fn close_all(&self, message: MessageId, closing: Closing) -> Result<()> {
        for report in self.state()?.reports.values_mut().filter(|report| report.message == message) {
            report.closing.get_or_insert(closing);
        }
        Ok(())
    }
}
