//! A server that falls silent or dies while it is used: everybody is told in time, and it is found again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chatconnect::domain::{
    entities::conversation::ConversationKind,
    error::{DomainError, Result},
};
use mongodb::bson::doc;

use super::fixture::*;
use crate::support::{mongod::Mongod, within};

/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// How soon it is known that there is nothing to wait for.
const KNOWN: Duration = Duration::from_secs(6);

/// Longer than anything takes that is refused without asking the server.
const AT_ONCE: Duration = Duration::from_millis(100);

async fn running(mongod: &Mongod) -> Backend {
    let (mongo, feed) = opened(&mongod.url("chat")).await;
    of_mongo(&mongo, feed, None, ())
}

async fn unavailable<T: std::fmt::Debug>(what: impl Future<Output = Result<T>>) -> Duration {
    let start = Instant::now();
    let error = within("an answer", what).await.expect_err("is refused");
    assert!(matches!(error, DomainError::Unavailable { .. }), "{error:?}");
    start.elapsed()
}

/// Waits until it is known that the server is not there, and checks that everybody is told at once from then on.
async fn known_to_be_lost(db: &Backend) {
    let start = Instant::now();
    while db.health.ready().await.is_ok() {
        assert!(start.elapsed() < KNOWN);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (ana, general) = (user_id(), conversation_id());
    assert!(unavailable(db.users.find(ana)).await < AT_ONCE);
    assert!(unavailable(db.users.create(&a_user("eva", "Eva"), &hash(), general)).await < AT_ONCE);
    assert!(unavailable(db.messages.append(&a_message(general, ana, "hello"))).await < AT_ONCE);
    assert!(unavailable(db.conversations.list(ana)).await < AT_ONCE);
    assert!(unavailable(db.messages.find(message_id())).await < AT_ONCE);
}

async fn found_again(db: &Backend) {
    within("it is found again", async {
        while db.health.ready().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let bob = db.user("bob").await;
    db.send(db.general().await, bob, "again").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_falls_silent() {
    let mongod = Mongod::replica_set().await;
    let db = running(&mongod).await;
    let (ana, general) = (db.user("ana").await, db.general().await);
    mongod.freeze();
    let (new, message) = (a_user("dora", "Dora"), a_message(general, ana, "hello"));
    let (hash, group) = (hash(), a_conversation(ConversationKind::Group, None, ana, &[]));
    let begun = futures_util::future::join_all([
        Box::pin(unavailable(db.users.find(ana))) as std::pin::Pin<Box<dyn Future<Output = Duration>>>,
        // What is asked together with others is under way more than once.
        Box::pin(unavailable(db.users.find(ana))),
        Box::pin(unavailable(db.users.find(ana))),
        Box::pin(unavailable(db.users.create(&new, &hash, general))),
        Box::pin(unavailable(db.messages.append(&message))),
        Box::pin(unavailable(db.conversations.list(ana))),
        Box::pin(unavailable(db.conversations.create(&group))),
    ]);
    let (begun, ()) = tokio::join!(begun, known_to_be_lost(&db));
    assert!(begun.iter().all(|took| *took < PATIENCE), "{begun:?}");
    mongod.thaw();
    found_again(&db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies() {
    let mut mongod = Mongod::replica_set().await;
    let db = running(&mongod).await;
    let ana = db.user("ana").await;
    mongod.kill();
    let (begun, ()) = tokio::join!(unavailable(db.users.find(ana)), known_to_be_lost(&db));
    assert!(begun < PATIENCE, "{begun:?}");
    mongod.restart().await;
    found_again(&db).await;
}

/// Reading goes on where writing does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_writes() {
    let mongod = Mongod::replica_set().await;
    let db = running(&mongod).await;
    let ana = db.user("ana").await;
    let no_majority = doc! { "code": 64, "errmsg": "waiting for replication timed out" };
    mongod.fail(8, doc! { "failCommands": ["update"], "writeConcernError": no_majority }).await;
    within("it is seen", async {
        while db.health.ready().await.is_ok() {
            tokio::task::yield_now().await
        }
    })
    .await;
    let error = db.health.ready().await.unwrap_err();
    assert!(error.cause().unwrap().to_string().contains("no writes"), "{error:?}");
    db.users.find(ana).await.unwrap().unwrap();
    found_again(&db).await;
}

/// What waits takes memory, and there is an end to that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_wait() {
    let mongod = Mongod::replica_set().await;
    let db = Arc::new(running(&mongod).await);
    let ana = db.user("ana").await;
    mongod.freeze();
    let asked = (0..6_000).map(|_| {
        let db = Arc::clone(&db);
        tokio::spawn(async move { unavailable(db.users.find(ana)).await })
    });
    let mut at_once = 0;
    for took in futures_util::future::join_all(asked).await {
        let took = took.unwrap();
        assert!(took < PATIENCE, "{took:?}");
        at_once += usize::from(took < Duration::from_secs(2));
    }
    assert_eq!(at_once, 6_000 - 4_096);
    mongod.thaw();
    found_again(&db).await;
}
