//! Queries, inside a transaction, of one moment, or each for itself.

use futures_util::TryStreamExt;
use mongodb::{
    ClientSession, Collection, Database as Db,
    bson::{Document, RawDocumentBuf, doc},
    error::Error,
    options::{CollectionOptions, FindOptions, ReadConcern},
};
use tokio::sync::SemaphorePermit;

use super::Access;

/// Documents in one answer, as far as they fit into 16 MB: what is asked for is to come at once.
const ALL: u32 = 10_000;

/// What queries go through.
pub(super) struct Reads<'a> {
    pub(super) db: &'a Db,
    /// That of the transaction, or one in which all queries see the same moment.
    pub(super) session: Option<ClientSession>,
    /// `None` leaves it to the database. The driver sends no time with another one than `snapshot`, and so each query
    /// would see a moment of its own.
    concern: Option<ReadConcern>,
    _place: Option<SemaphorePermit<'a>>,
}

impl<'a> Reads<'a> {
    /// For a program that is no node, and uses the database alone.
    pub(super) fn alone(db: &'a Db, session: Option<ClientSession>) -> Self {
        let concern = session.is_some().then(ReadConcern::snapshot);
        Self { db, session, concern, _place: None }
    }

    /// For who has access and keeps it.
    pub(super) const fn of(access: &Access<'a>, session: Option<ClientSession>) -> Self {
        Self { db: access.db, session, concern: None, _place: None }
    }

    /// Without a session each query sees the newest that a majority has.
    pub(super) fn new(access: Access<'a>, session: Option<ClientSession>) -> Self {
        Self { db: access.db, session, concern: None, _place: Some(access._place) }
    }

    fn collection(&self, name: &str) -> Collection<RawDocumentBuf> {
        match &self.concern {
            Some(concern) => {
                let options = CollectionOptions::builder().read_concern(concern.clone()).build();
                self.db.collection_with_options(name, options)
            }
            None => self.db.collection(name),
        }
    }

    /// All that `filter` fits and the options let through; it is to be few.
    pub(super) async fn find(
        &mut self,
        collection: &str,
        filter: Document,
        options: Option<FindOptions>,
    ) -> Result<Vec<RawDocumentBuf>, Error> {
        let collection = self.collection(collection);
        let find = collection.find(filter).with_options(options).batch_size(ALL);
        match &mut self.session {
            Some(session) => {
                let mut found = find.session(&mut *session).await?;
                found.stream(session).try_collect().await
            }
            None => find.await?.try_collect().await,
        }
    }

    /// All that `pipeline` answers; it is to end in few.
    pub(super) async fn aggregate(
        &mut self,
        collection: &str,
        pipeline: Vec<Document>,
    ) -> Result<Vec<RawDocumentBuf>, Error> {
        let collection = self.collection(collection);
        let aggregate = collection.aggregate(pipeline).with_type::<RawDocumentBuf>().batch_size(ALL);
        match &mut self.session {
            Some(session) => {
                let mut found = aggregate.session(&mut *session).await?;
                found.stream(session).try_collect().await
            }
            None => aggregate.await?.try_collect().await,
        }
    }

    /// All that several pipelines answer, each of which begins with a collection: in one round trip, but in
    /// transactions, where the server does not let them be put together.
    pub(super) async fn union(
        &mut self,
        parts: Vec<(&str, Vec<Document>)>,
    ) -> Result<Vec<RawDocumentBuf>, Error> {
        let mut parts = parts.into_iter();
        let Some((collection, mut pipeline)) = parts.next() else { return Ok(Vec::new()) };
        if self.session.is_some() && self._place.is_none() {
            let mut found = self.aggregate(collection, pipeline).await?;
            for (collection, pipeline) in parts {
                found.extend(self.aggregate(collection, pipeline).await?);
            }
            return Ok(found);
        }
        for (coll, part) in parts {
            pipeline.push(doc! { "$unionWith": { "coll": coll, "pipeline": part } });
        }
        self.aggregate(collection, pipeline).await
    }
}
