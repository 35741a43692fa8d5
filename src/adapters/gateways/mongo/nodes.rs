//! The nodes that share the database.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database as Db,
    bson::{Document, doc},
    options::{Acknowledgment, CollectionOptions, ReadConcern, ReturnDocument, WriteConcern},
};

use super::{
    Mongo,
    errors::{Failure, timely},
    schema::{NODES, SCHEMA},
    values::{Fields, Id},
};
use crate::domain::{
    entities::ids::NodeId,
    error::Result,
    interfaces::node_registry::{NODE_LIFE, NodeRegistry},
};

/// How long those that nobody saw die stay.
const GRAVE: Duration = Duration::from_secs(60);

/// For what need not outlive a failover, since it is soon said again. With the journal all the same: a change stream tells
/// only what is safe on a majority, and without being asked the server writes its journal ten times a second.
pub(super) fn fleeting() -> CollectionOptions {
    let write = WriteConcern::builder().w(Acknowledgment::Nodes(1)).journal(true).build();
    CollectionOptions::builder().write_concern(write).read_concern(ReadConcern::local()).build()
}

impl Mongo {
    /// The first node that ever asked, which tells this database apart from all others.
    ///
    /// # Errors
    /// `Unavailable`, also while the database is not prepared.
    pub async fn first_node(&self, node: NodeId) -> Result<NodeId> {
        let (db, _) = self.database.ready()?;
        let schema = db.collection::<Document>(SCHEMA);
        let (filter, insert) =
            (doc! { "_id": "firstNode" }, doc! { "$setOnInsert": { "node": node.bson() } });
        let update = schema.find_one_and_update(filter, insert).upsert(true);
        let found = timely(update.return_document(ReturnDocument::After)).await?;
        found.unwrap_or_default().id("node")
    }
}

/// [`NodeRegistry`] in the collection `nodes`.
pub struct MongoNodes(pub(super) Mongo);

impl MongoNodes {
    fn nodes(&self) -> Result<Collection<Document>> {
        let (db, _) = self.0.database.ready()?;
        Ok(db.collection_with_options(NODES, fleeting()))
    }
}

/// The nodes that live, the oldest first.
pub(super) async fn alive(db: &Db) -> Result<Vec<NodeId>, Failure> {
    let nodes = db.collection_with_options::<Document>(NODES, fleeting());
    let found = async {
        let found =
            nodes.find(beaten("$gt", NODE_LIFE)).projection(doc! { "_id": 1 }).sort(doc! { "_id": 1 });
        found.await?.try_collect::<Vec<Document>>().await
    };
    let found = timely(Box::pin(found)).await?;
    Ok(found.iter().map(|node| node.id("_id")).collect::<Result<_>>()?)
}

/// Compares the last beat with the server's clock.
fn beaten(comparison: &str, ago: Duration) -> Document {
    let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
    doc! { "$expr": { comparison: ["$beatAt", { "$subtract": ["$$NOW", ago] }] } }
}

#[async_trait]
impl NodeRegistry for MongoNodes {
    async fn beat(&self, node: NodeId) -> Result<()> {
        let update = doc! { "beatAt": "$$NOW", "startedAt": { "$ifNull": ["$startedAt", "$$NOW"] } };
        let nodes = self.nodes()?;
        timely(nodes.update_one(doc! { "_id": node.bson() }, vec![doc! { "$set": update }]).upsert(true))
            .await?;
        Ok(())
    }

    async fn alive(&self) -> Result<Vec<NodeId>> {
        let (db, _) = self.0.database.ready()?;
        Ok(alive(&db).await?)
    }

    async fn forget(&self, node: NodeId) -> Result<()> {
        timely(self.nodes()?.delete_one(doc! { "_id": node.bson() })).await?;
        Ok(())
    }

    async fn forget_dead(&self) -> Result<()> {
        let forgotten: Result<_, Failure> = timely(self.nodes()?.delete_many(beaten("$lte", GRAVE))).await;
        tracing::debug!(nodes = forgotten?.deleted_count, "nodes that died long ago are forgotten");
        Ok(())
    }
}
