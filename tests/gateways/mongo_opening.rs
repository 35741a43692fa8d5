//! What may be wrong with a MongoDB server, what is said about it, and whether waiting helps.

use std::time::{Duration, Instant};

use chatconnect::{
    adapters::gateways::mongo::{Mongo, OpenError},
    domain::{
        entities::{conversation::ConversationKind, search_text::SearchQuery},
        error::DomainError,
        interfaces::{change_feed::ChangeFeed, health::Health, user_repository::UserRepository},
    },
};
use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::fixture::*;
use crate::support::{
    mongod::{Mongod, TestDatabase, client},
    within,
};

fn open(url: &str) -> Mongo {
    Mongo::open(url).unwrap().0
}

/// Checks that a database is refused in one sentence that says what to do, and that nothing is asked of it.
async fn refused_with(url: &str, words: &str) -> OpenError {
    let mongo = open(url);
    let error = within("a refusal", mongo.prepare()).await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.contains(words), "{sentence}");
    assert!(!sentence.contains('\n') && sentence.len() < 400 && !sentence.contains("geheim"), "{sentence}");
    let cause = refused!(mongo.health().ready(), DomainError::Unavailable { .. });
    assert_eq!(cause.cause().unwrap().to_string(), sentence);
    refused!(mongo.users().find(user_id()), DomainError::Unavailable { .. });
    mongo.close().await;
    error
}

/// The address of the same server with other parameters.
fn with(url: &str, parameters: &str) -> String {
    format!("{}?{parameters}", url.split('?').next().unwrap())
}

#[tokio::test]
async fn nobody_is_there() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for host in [nobody.to_string(), "no-such-host.invalid".to_owned()] {
        let start = Instant::now();
        let error = refused_with(&format!("mongodb://ana:geheim@{host}/chat?replicaSet=rs0"), &host).await;
        assert!(error.passes() && start.elapsed() < Duration::from_secs(4), "{error} {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_closed_database_answers_nothing_and_ends_its_feed() {
    let database = TestDatabase::new();
    let (mongo, mut feed) = opened(database.url()).await;
    mongo.health().ready().await.unwrap();
    mongo.close().await;
    mongo.close().await;
    assert!(within("the end", feed.next()).await.is_none());
    refused!(mongo.health().ready(), DomainError::Unavailable { .. });
    refused!(mongo.users().find(user_id()), DomainError::Unavailable { .. });
    refused!(mongo.users().set_last_seen(user_id(), at(1)), DomainError::Unavailable { .. });
}

#[tokio::test]
async fn another_replica_set_than_was_named() {
    let database = TestDatabase::new();
    let error = refused_with(&with(database.url(), "replicaSet=other"), "not to \"other\"").await;
    assert!(matches!(error, OpenError::ReplicaSet { .. }) && !error.passes(), "{error}");
}

#[tokio::test]
async fn a_standalone_where_a_replica_set_was_named() {
    let mongod = Mongod::standalone().await;
    let error = refused_with(&with(&mongod.url("chat"), "replicaSet=rs0"), "start it with --replSet").await;
    assert!(matches!(error, OpenError::NoReplicaSet { .. }) && !error.passes(), "{error}");
    opened(&mongod.url("chat")).await.0.close().await;
}

#[tokio::test]
async fn a_replica_set_that_is_none_yet() {
    let mongod = Mongod::uninitiated().await;
    let direct = with(&mongod.url("chat"), "directConnection=true");
    for url in [&mongod.url("chat"), &direct] {
        assert!(refused_with(url, "cannot be reached").await.passes());
    }
    let mongo = open(&mongod.url("chat"));
    mongo.prepare().await.unwrap_err();
    mongod.initiate().await;
    within("it is ready", async { while mongo.prepare().await.is_err() {} }).await;
    mongo.health().ready().await.unwrap();
}

#[tokio::test]
async fn a_password_that_is_wrong() {
    let database = TestDatabase::new();
    let url = database.url().replace("mongodb://", "mongodb://ana:geheim@");
    let error = refused_with(&url, "refuses the user name or the password").await;
    assert!(matches!(error, OpenError::Credentials(_)) && !error.passes(), "{error}");
}

#[tokio::test]
async fn a_user_who_may_not_do_enough() {
    let mongod = Mongod::guarded("root", "geheim").await;
    let url = |user: &str, password: &str| {
        with(&mongod.url("chat"), "authSource=admin")
            .replace("mongodb://", &format!("mongodb://{user}:{password}@"))
    };
    let admin = client(&url("root", "geheim")).await.database("admin");
    for (user, role) in [("reader", "read"), ("writer", "readWrite")] {
        let roles = vec![doc! { "role": role, "db": "chat" }];
        admin.run_command(doc! { "createUser": user, "pwd": "geheim", "roles": roles }).await.unwrap();
    }
    let nobody = mongod.url("chat");
    let reader = url("reader", "geheim");
    for url in [&nobody, &reader] {
        let error = refused_with(url, "the role readWrite").await;
        assert!(matches!(error, OpenError::Rights { .. }) && !error.passes(), "{error}");
    }
    // That role is all it takes.
    let (mongo, feed) = opened(&url("writer", "geheim")).await;
    let db = of_mongo(&mongo, feed, None, ());
    let ana = db.user("ana").await;
    db.send(db.general().await, ana, "hello").await;
    mongo.close().await;
    // Also where there is nothing left to prepare.
    assert!(matches!(refused_with(&reader, "the role readWrite").await, OpenError::Rights { .. }));
}

#[tokio::test]
async fn a_database_of_a_newer_version() {
    let database = TestDatabase::new();
    let raw = client(database.url()).await.default_database().unwrap();
    let schema = raw.collection::<Document>("schema");
    schema.insert_one(doc! { "_id": "schema", "version": 99_i64 }).await.unwrap();
    let error = refused_with(database.url(), "start the newer version").await;
    assert!(matches!(error, OpenError::Newer { found: 99, .. }) && !error.passes(), "{error}");
    assert_eq!(raw.list_collection_names().await.unwrap(), ["schema"]);
}

#[tokio::test]
async fn a_database_of_another_program() {
    for name in ["messages", "conversations", "members"] {
        let database = TestDatabase::new();
        let raw = client(database.url()).await.default_database().unwrap();
        let theirs = doc! { "_id": bson::oid::ObjectId::new(), "text": "hello" };
        raw.collection::<Document>(name).insert_one(theirs).await.unwrap();
        let error = refused_with(database.url(), "rename it").await;
        assert!(matches!(&error, OpenError::Foreign { collection, .. } if collection == name), "{error}");
        assert_eq!(raw.list_collection_names().await.unwrap(), [name]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_prepare_the_same_database_at_once() {
    let database = TestDatabase::new();
    let nodes: Vec<_> = (0..4).map(|_| open(database.url())).collect();
    let prepared = nodes.iter().map(|node| async { node.prepare().await });
    for outcome in futures_util::future::join_all(prepared).await {
        outcome.unwrap();
    }
    nodes[0].prepare().await.unwrap();
}

/// How sure a write is does not hang on the connection string, nor from where it is read.
#[tokio::test]
async fn the_connection_string_weakens_nothing() {
    let database = TestDatabase::new();
    let url = format!("{}&w=0&journal=false&readConcernLevel=local&readPreference=secondary", database.url());
    let (mongo, feed) = opened(&url).await;
    let db = of_mongo(&mongo, feed, None, ());
    let ana = db.user("ana").await;
    db.send(db.general().await, ana, "hello").await;
    refused!(db.users.create(&a_user("ana", "Ana"), &hash(), conversation_id()), DomainError::UsernameTaken);
}

/// A server so old that it lacks what is needed, and one with which the driver does not even talk.
#[tokio::test]
async fn a_server_that_is_too_old() {
    for wire_version in [9, 4] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("mongodb://{}/chat", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(say_hello(stream, wire_version));
            }
        });
        let error = refused_with(&url, "too old").await;
        assert!(matches!(error, OpenError::TooOld) && !error.passes(), "{error}");
        serving.abort();
    }
}

/// Answers every message with the same greeting, in both of the forms in which it may have been asked for.
/// See <https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/>.
async fn say_hello(mut stream: TcpStream, wire_version: i32) -> std::io::Result<()> {
    const OP_QUERY: i32 = 2004;
    const OP_REPLY: i32 = 1;
    const OP_MSG: i32 = 2013;
    let greeting = doc! {
        "ok": 1, "isWritablePrimary": true, "ismaster": true, "minWireVersion": 0, "maxWireVersion": wire_version,
        "maxBsonObjectSize": 16 << 20, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000,
    };
    let greeting = bson::serialize_to_vec(&greeting).unwrap();
    loop {
        let mut header = [0; 16];
        stream.read_exact(&mut header).await?;
        let number = |place: usize| i32::from_le_bytes(header[place..place + 4].try_into().unwrap());
        let mut rest = vec![0; usize::try_from(number(0)).unwrap() - 16];
        stream.read_exact(&mut rest).await?;
        let (kind, before) = match number(12) {
            // Flags, cursor, first place, how many; or flags, and the kind of the only section.
            OP_QUERY => (OP_REPLY, [0_i32, 0, 0, 0, 1].map(i32::to_le_bytes).concat()),
            _ => (OP_MSG, vec![0; 5]),
        };
        let length = i32::try_from(16 + before.len() + greeting.len()).unwrap();
        let mut reply = [length, 0, number(4), kind].map(i32::to_le_bytes).concat();
        reply.extend(before);
        reply.extend(&greeting);
        stream.write_all(&reply).await?;
    }
}

/// Whatever is asked all day is found through an index.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_searched_for_from_the_beginning() {
    let mongod = Mongod::replica_set().await;
    let (mongo, feed) = opened(&mongod.url("chat")).await;
    let raw = client(&mongod.url("chat")).await.database("chat");
    let db = of_mongo(&mongo, feed, None, ());
    let people = db.crowd(3).await;
    raw.run_command(doc! { "profile": 2 }).await.unwrap();

    let user = a_user("ana", "Ana María");
    db.users.create(&user, &hash(), conversation_id()).await.unwrap();
    db.users.find_with_hash(&user.username).await.unwrap().unwrap();
    db.users.find_with_hash(&username("nobody")).await.unwrap();
    db.users.find_many(&people).await.unwrap();
    db.users.set_last_seen(user.id, at(1)).await.unwrap();
    db.users.search("", Some(&username("bob")), 2).await.unwrap();
    db.users.search("mar", None, 2).await.unwrap();
    let direct = db.direct(people[0], user.id).await;
    db.group(user.id, &people).await;
    db.users.contacts(user.id).await.unwrap();
    let session = super::sessions::a_session(user.id, 1, 100);
    db.sessions.create(&session).await.unwrap();
    db.sessions.find(&session.key, at(2)).await.unwrap().unwrap();
    db.sessions.touch(&session.key, at(3), at(200)).await.unwrap();
    db.sessions.list(user.id, at(3)).await.unwrap();
    db.sessions.delete_by_id(user.id, session_id()).await.unwrap();
    db.sessions.delete_others(user.id, None).await.unwrap();
    db.sessions.delete(&session.key).await.unwrap();
    db.sessions.delete_expired(at(0)).await.unwrap();
    for conversation in [direct, db.general().await] {
        db.send(conversation, user.id, "hello").await;
        db.conversations.mark_read(conversation, people[0], 1).await.unwrap();
        db.conversations.members(conversation, Some(user.id), 1).await.unwrap();
        db.view(conversation, user.id).await;
    }
    db.conversations.list(user.id).await.unwrap();
    assert!(!db.find("hel", user.id).await.is_empty());
    let query = SearchQuery::parse("hello").unwrap();
    db.messages.search(user.id, &query, Some(direct), None, 9).await.unwrap();
    db.create(a_conversation(ConversationKind::Channel, Some("News"), user.id, &[])).await;

    raw.run_command(doc! { "profile": 0 }).await.unwrap();
    let scans: Vec<Document> = raw
        .collection::<Document>("system.profile")
        .find(doc! { "planSummary": { "$regex": "COLLSCAN" } })
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let scans: Vec<String> = scans.iter().map(|scan| format!("{:?}", scan.get("command"))).collect();
    assert!(scans.is_empty(), "{}", scans.join("\n"));
}
