//! Who is alive, as the registry of nodes says it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chatconnect::{
    adapters::gateways::{mongo::Mongo, signals::memory::MemoryNodes},
    domain::{
        entities::{ids::NodeId, timestamp::Timestamp},
        error::DomainError,
        interfaces::{
            clock::Clock,
            node_registry::{NODE_LIFE, NodeRegistry},
        },
    },
};
use mongodb::bson::{Document, doc};

use super::signals::node_id;
use crate::support::mongod::{TestDatabase, client};

/// Lets time pass for what a registry holds.
trait Ages {
    async fn age(&self, by: Duration);
}

async fn alive(registry: &impl NodeRegistry) -> Vec<NodeId> {
    registry.alive().await.unwrap()
}

async fn lives_while_it_beats(registry: &impl NodeRegistry, time: &impl Ages) {
    let (one, two) = (node_id(), node_id());
    assert_eq!(alive(registry).await, []);
    registry.beat(two).await.unwrap();
    registry.beat(one).await.unwrap();
    assert_eq!(alive(registry).await, [one, two], "the oldest first");
    time.age(NODE_LIFE - Duration::from_secs(2)).await;
    assert_eq!(alive(registry).await, [one, two]);
    registry.beat(one).await.unwrap();
    time.age(Duration::from_secs(2)).await;
    assert_eq!(alive(registry).await, [one]);
    registry.beat(two).await.unwrap();
    assert_eq!(alive(registry).await, [one, two], "it was only slow");
    registry.forget(one).await.unwrap();
    registry.forget(one).await.unwrap();
    assert_eq!(alive(registry).await, [two]);
    registry.forget_dead().await.unwrap();
    assert_eq!(alive(registry).await, [two]);
}

struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl Ages for Arc<Hands> {
    async fn age(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn in_memory_a_node_lives_while_it_beats() {
    let clock = Arc::new(Hands(AtomicI64::new(1_700_000_000_000)));
    lives_while_it_beats(&MemoryNodes::new(clock.clone()), &clock).await;
}

impl Ages for TestDatabase {
    /// The server's clock cannot be moved, but what it stamped can.
    async fn age(&self, by: Duration) {
        let nodes = client(self.url()).await.default_database().unwrap().collection::<Document>("nodes");
        let older = doc! { "$subtract": ["$beatAt", by.as_millis() as i64] };
        nodes.update_many(doc! {}, vec![doc! { "$set": { "beatAt": older } }]).await.unwrap();
    }
}

async fn prepared(database: &TestDatabase) -> Mongo {
    let (mongo, _) = Mongo::open(database.url()).unwrap();
    mongo.prepare().await.unwrap();
    mongo
}

#[tokio::test]
async fn in_mongodb_a_node_lives_while_it_beats() {
    let database = TestDatabase::new();
    let registry = prepared(&database).await.nodes();
    lives_while_it_beats(&registry, &database).await;
}

#[tokio::test]
async fn in_mongodb_those_that_died_long_ago_are_forgotten() {
    let database = TestDatabase::new();
    let registry = prepared(&database).await.nodes();
    registry.beat(node_id()).await.unwrap();
    database.age(Duration::from_secs(61)).await;
    registry.beat(node_id()).await.unwrap();
    database.age(Duration::from_secs(9)).await;
    registry.forget_dead().await.unwrap();
    let nodes = client(database.url()).await.default_database().unwrap().collection::<Document>("nodes");
    assert_eq!(nodes.count_documents(doc! {}).await.unwrap(), 1, "one was dead for a minute");
}

#[tokio::test]
async fn a_database_has_one_name_for_all_nodes() {
    let (database, other) = (TestDatabase::new(), TestDatabase::new());
    let (one, two) = (prepared(&database).await, prepared(&database).await);
    let (first, second) = tokio::join!(one.first_node(node_id()), two.first_node(node_id()));
    assert_eq!(first.unwrap(), second.unwrap());
    let (own, foreign) =
        (one.first_node(node_id()).await, prepared(&other).await.first_node(node_id()).await);
    assert_ne!(own.unwrap(), foreign.unwrap());
}

#[tokio::test]
async fn before_the_database_was_reached_nobody_is_known() {
    let registry = Mongo::open(TestDatabase::new().url()).unwrap().0.nodes();
    let error = registry.beat(node_id()).await.unwrap_err();
    assert!(matches!(error, DomainError::Unavailable { .. }), "{error:?}");
}
