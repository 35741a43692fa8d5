use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection,
    bson::{Bson, Document, doc},
};

use super::{
    Database,
    errors::timely,
    schema::REPORTS,
    values::{Fields, Id, broken, refused, time},
};
use crate::domain::{
    entities::{
        ids::{MessageId, ReportId, UserId},
        report::{Closing, Outcome, Reason, Report},
    },
    error::Result,
    interfaces::report_repository::{ReportPage, ReportRepository},
};

/// Reports of messages. What is not known, or not yet, lacks the field; `open` says which of them wait.
#[derive(Clone)]
pub struct MongoReports(pub(super) Arc<Database>);

pub(super) fn document(report: &Report) -> Document {
    let mut document = doc! {
        "_id": report.id.bson(),
        "message": report.message.bson(),
        "conversation": report.conversation.bson(),
        "reason": report.reason.as_str(),
        "createdAt": time(report.created_at),
        "open": report.closing.is_none(),
    };
    if let Some(reporter) = report.reporter {
        document.insert("reporter", reporter.bson());
    }
    if let Some(closing) = report.closing {
        document.extend(closed(closing));
    }
    document
}

fn closed(closing: Closing) -> Document {
    doc! {
        "open": false,
        "closedAt": time(closing.at),
        "closedBy": closing.by.bson(),
        "outcome": closing.outcome.as_str(),
    }
}

pub(super) fn report(document: &Document) -> Result<Report> {
    let closing = match document.maybe_at("closedAt")? {
        Some(at) => {
            let outcome = document.text("outcome")?;
            let outcome =
                Outcome::from_name(outcome).ok_or_else(|| broken(format!("the outcome {outcome:?}")))?;
            Some(Closing { at, by: document.id("closedBy")?, outcome })
        }
        None => None,
    };
    Ok(Report {
        id: document.id("_id")?,
        message: document.id("message")?,
        conversation: document.id("conversation")?,
        reporter: document.maybe_id("reporter")?,
        reason: Reason::parse(document.text("reason")?).map_err(refused)?,
        created_at: document.at("createdAt")?,
        closing,
    })
}

impl MongoReports {
    fn all(&self) -> Result<Collection<Document>> {
        Ok(self.0.ready()?.0.collection(REPORTS))
    }

    async fn close_those(&self, mut those: Document, closing: Closing) -> Result<()> {
        those.insert("open", true);
        timely(self.all()?.update_many(those, doc! { "$set": closed(closing) })).await?;
        Ok(())
    }
}

#[async_trait]
impl ReportRepository for MongoReports {
    async fn put(&self, report: &Report) -> Result<()> {
        let reporter = report.reporter.map_or(Bson::Null, Id::bson);
        let same = doc! { "message": report.message.bson(), "reporter": reporter };
        let mut new = document(report);
        for field in ["message", "reporter", "reason", "open"] {
            new.remove(field);
        }
        let update = doc! {
            "$set": { "reason": report.reason.as_str(), "open": true },
            "$unset": { "closedAt": "", "closedBy": "", "outcome": "" },
            "$setOnInsert": new,
        };
        let reports = self.all()?;
        let put = || reports.update_one(same.clone(), update.clone()).upsert(true);
        match timely(put()).await {
            // Somebody's other device was faster.
            Err(failure) if failure.is_duplicate(None) => timely(put()).await?,
            other => other?,
        };
        Ok(())
    }

    async fn find(&self, id: ReportId) -> Result<Option<Report>> {
        timely(self.all()?.find_one(doc! { "_id": id.bson() })).await?.as_ref().map(report).transpose()
    }

    async fn list(&self, open: bool, before: Option<ReportId>, limit: u32) -> Result<ReportPage> {
        let mut filter = doc! { "open": open };
        if let Some(before) = before {
            filter.insert("_id", doc! { "$lt": before.bson() });
        }
        let limit = limit.max(1);
        let reports = self.all()?;
        let found = async {
            let newest = reports.find(filter).sort(doc! { "_id": -1 }).limit(i64::from(limit) + 1);
            newest.await?.try_collect::<Vec<_>>().await
        };
        let mut reports = timely(found).await?.iter().map(report).collect::<Result<Vec<_>>>()?;
        let more = reports.len() > limit as usize;
        reports.truncate(limit as usize);
        let next = reports.last().filter(|_| more).map(|report| report.id);
        Ok(ReportPage { reports, next })
    }

    async fn forget(&self, reporter: UserId) -> Result<()> {
        let theirs = doc! { "reporter": reporter.bson() };
        timely(self.all()?.update_many(theirs, doc! { "$unset": { "reporter": "" } })).await?;
        Ok(())
    }

    async fn close(&self, id: ReportId, closing: Closing) -> Result<()> {
        self.close_those(doc! { "_id": id.bson() }, closing).await
    }

    async fn close_all(&self, message: MessageId, closing: Closing) -> Result<()> {
        self.close_those(doc! { "message": message.bson() }, closing).await
    }
}
