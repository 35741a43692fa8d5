//! A MongoDB that fails, dies and comes back while people write: nothing acknowledged is lost, nothing is there twice, there is
//! no hole, and all of it is told.

use std::{sync::Arc, time::Duration};

use chatconnect::domain::{
    entities::{
        change::Change,
        ids::{ConversationId, UserId},
        message::Message,
    },
    error::DomainError,
    interfaces::{
        change_feed::{ChangeFeed, FeedEvent},
        message_repository::{NewMessage, Window},
    },
};
use futures_util::future::join_all;
use mongodb::bson::{Document, doc};

use super::fixture::*;
use crate::support::{
    mongod::{self, Mongod},
    within,
};

/// A database on a server of its own, two people in a group, and what it tells.
struct Stage {
    mongod: Mongod,
    db: Arc<Backend>,
    feed: Box<dyn ChangeFeed>,
    group: ConversationId,
    people: Vec<UserId>,
}

/// Tells nothing: the test reads the feed itself.
struct Silence;

#[async_trait::async_trait]
impl ChangeFeed for Silence {
    async fn next(&mut self) -> Option<FeedEvent> {
        std::future::pending().await
    }

    fn try_next(&mut self) -> Option<FeedEvent> {
        None
    }
}

impl Stage {
    async fn on(mongod: Mongod) -> Self {
        let (mongo, feed) = opened(&mongod.url("faults")).await;
        let db = Arc::new(of_mongo(&mongo, Silence, None, ()));
        let people = db.crowd(2).await;
        let group = db.group(people[0], &people[1..]).await;
        let mut stage = Self { mongod, db, feed: Box::new(feed), group, people };
        stage.until(|event| matches!(event, FeedEvent::Change(Change::ConversationCreated { conversation, .. }) if conversation.id == group)).await;
        stage
    }

    async fn replica_set() -> Self {
        Self::on(Mongod::replica_set().await).await
    }

    async fn next(&mut self) -> FeedEvent {
        within("the feed tells", self.feed.next()).await.expect("the feed has not ended")
    }

    /// What is told until something is, and that.
    async fn until(&mut self, is: impl Fn(&FeedEvent) -> bool) -> Vec<FeedEvent> {
        let mut told = Vec::new();
        loop {
            let event = self.next().await;
            told.push(event.clone());
            if is(&event) {
                return told;
            }
        }
    }

    async fn until_message(&mut self, message: &Message) -> Vec<FeedEvent> {
        let wanted = FeedEvent::Change(Change::MessageCreated(Arc::new(message.clone())));
        self.until(|event| *event == wanted).await
    }

    async fn stored(&self) -> Vec<Message> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let page = self.db.messages.list(self.group, Window::After(after), 200).await.unwrap();
            after = page.messages.last().map_or(after, |last| last.seq);
            all.extend(page.messages);
            if !page.has_more {
                return all;
            }
        }
    }
}

/// As a client does it: again and again with the same id until it is acknowledged.
async fn stubborn(db: &Backend, new: &NewMessage) -> Message {
    loop {
        match db.messages.append(new).await {
            Ok((message, _)) => return message,
            Err(DomainError::Unavailable { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Every `rev` once and in order, from 1 on.
fn is_whole(told: &[FeedEvent]) -> bool {
    let revs = told.iter().map(|event| match event {
        FeedEvent::Change(Change::MessageCreated(message) | Change::MessageUpdated(message)) => message.rev,
        other => panic!("{other:?}"),
    });
    revs.eq(1..=told.len() as u64)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_and_doubles_nothing() {
    let mut stage = Stage::replica_set().await;
    let writers = (0..20).map(|number| {
        let (db, group, me) = (Arc::clone(&stage.db), stage.group, stage.people[number % 2]);
        tokio::spawn(async move {
            let mut sent = Vec::new();
            for round in 0..30 {
                sent.push(stubborn(&db, &a_message(group, me, &format!("{number} {round}"))).await);
            }
            sent
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut told = Vec::new();
    for _ in 0..3 {
        for _ in 0..40 {
            told.push(stage.next().await);
        }
        stage.mongod.kill();
        stage.mongod.restart().await;
    }
    let sent: Vec<Vec<Message>> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    let last = stubborn(&stage.db, &a_message(stage.group, stage.people[0], "last")).await;
    told.extend(stage.until_message(&last).await);
    let stored = stage.stored().await;
    assert!(stored.iter().map(|message| message.seq).eq(1..=601), "no hole");
    for sent in &sent {
        assert!(sent.is_sorted_by_key(|message| message.seq));
        assert!(
            sent.iter().all(|message| stored[message.seq as usize - 1] == *message),
            "acknowledged is stored"
        );
    }
    assert!(is_whole(&told), "each change is told once: {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_a_write_nobody_knows_comes_out_right_when_it_is_repeated() {
    let mut stage = Stage::replica_set().await;
    let shut_down = doc! { "code": 91, "errmsg": "the server is going away" };
    let faults = [
        // Done, and then nobody hears of it.
        doc! { "failCommands": ["insert"], "writeConcernError": shut_down.clone() },
        doc! { "failCommands": ["update"], "writeConcernError": shut_down },
        // Not done.
        doc! { "failCommands": ["insert", "update"], "closeConnection": true },
        doc! { "failCommands": ["insert", "find", "aggregate"], "errorCode": 189 },
        doc! { "failCommands": ["find"], "closeConnection": true },
        doc! { "failCommands": ["insert", "update", "commitTransaction"], "errorCode": 11602, "errorLabels": ["RetryableWriteError"] },
    ];
    let mut count = 0;
    for (times, fault) in
        faults.into_iter().flat_map(|fault| (1..=2).map(move |times| (times, fault.clone())))
    {
        stage.mongod.fail(times, fault).await;
        let sends: Vec<_> = (0..5).map(|_| a_message(stage.group, stage.people[0], "hello")).collect();
        let sent = join_all(sends.iter().map(|new| stubborn(&stage.db, new))).await;
        count += sent.len() as u64;
        loop {
            match stage.db.messages.react(sent[0].id, stage.people[1], &emoji("👍"), true).await {
                Ok(_) => break,
                Err(DomainError::Unavailable { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
    let last = stubborn(&stage.db, &a_message(stage.group, stage.people[0], "last")).await;
    let told = stage.until_message(&last).await;
    assert!(is_whole(&told), "{told:?}");
    assert!(stage.stored().await.iter().map(|message| message.seq).eq(1..=count + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_server_is_silent_nobody_waits_without_end() {
    let stage = Stage::replica_set().await;
    stage.db.send(stage.group, stage.people[0], "before").await;
    stage.mongod.freeze();
    let sends = (0..50).map(|_| {
        let (db, new) = (Arc::clone(&stage.db), a_message(stage.group, stage.people[0], "meanwhile"));
        tokio::spawn(async move { (db.messages.append(&new).await, new) })
    });
    let sends =
        tokio::time::timeout(Duration::from_secs(30), join_all(sends)).await.expect("all are answered");
    let sends: Vec<_> = sends.into_iter().map(Result::unwrap).collect();
    stage.mongod.thaw();
    let mut seqs = Vec::new();
    for (answer, new) in sends {
        assert!(matches!(answer, Err(DomainError::Unavailable { .. })), "{answer:?}");
        seqs.push(stubborn(&stage.db, &new).await.seq);
    }
    seqs.sort_unstable();
    assert!(seqs.into_iter().eq(2..=51), "each is there once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_change_stream_goes_on_after_whatever_ends_it() {
    let mut stage = Stage::replica_set().await;
    let me = stage.people[0];
    let mut told = Vec::new();
    // Interrupted: it goes on where it was.
    for fault in [
        doc! { "failCommands": ["getMore"], "errorCode": 43 },
        doc! { "failCommands": ["getMore"], "closeConnection": true },
        doc! { "failCommands": ["getMore", "aggregate"], "errorCode": 91 },
    ] {
        stage.mongod.fail(4, fault).await;
        let sent = join_all(
            (0..20).map(|_| async { stubborn(&stage.db, &a_message(stage.group, me, "hello")).await }),
        )
        .await;
        let last = sent.into_iter().max_by_key(|message| message.seq).unwrap();
        told.extend(stage.until_message(&last).await);
    }
    assert!(is_whole(&told), "{told:?}");
    // What it was at is not known any more: that is said, and it goes on with what comes.
    for fault in [
        doc! { "failCommands": ["getMore"], "errorCode": 286 },
        doc! { "failCommands": ["getMore"], "errorCode": 280 },
    ] {
        stage.mongod.fail(1, fault).await;
        stage.until(|event| *event == FeedEvent::Gap).await;
        let sent = stage.db.send(stage.group, me, "goes on").await;
        stage.until_message(&sent).await;
    }
    let database = mongod::client(&stage.mongod.url("faults")).await.default_database().unwrap();
    database.collection::<Document>("sessions").drop().await.unwrap();
    stage.until(|event| *event == FeedEvent::Gap).await;
    let sent = stage.db.send(stage.group, me, "still").await;
    stage.until_message(&sent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_nobody_reads_keeps_nobody_from_writing() {
    const MANY: usize = 10_000;
    for mongod in [Mongod::standalone().await, Mongod::replica_set().await] {
        let is_set = mongod.url("").contains("replicaSet");
        let mut stage = Stage::on(mongod).await;
        let sends: Vec<_> = (0..MANY).map(|_| a_message(stage.group, stage.people[0], "x")).collect();
        for some in sends.chunks(2_000) {
            for answer in join_all(some.iter().map(|new| stage.db.messages.append(new))).await {
                answer.unwrap();
            }
        }
        if is_set {
            // The server keeps what is not taken.
            for rev in 1..=MANY as u64 {
                let FeedEvent::Change(Change::MessageCreated(message)) = stage.next().await else { panic!() };
                assert_eq!(message.rev, rev);
            }
        } else {
            assert_eq!(stage.next().await, FeedEvent::Gap);
        }
        let sent = stage.db.send(stage.group, stage.people[0], "hello").await;
        assert_eq!(stage.until_message(&sent).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_deleted_conversations_are_gone_after_the_next_start() {
    let stage = Stage::replica_set().await;
    let database = mongod::client(&stage.mongod.url("faults")).await.default_database().unwrap();
    let messages = database.collection::<Document>("messages");
    let other = stage.db.group(stage.people[0], &[]).await;
    stage.db.send(other, stage.people[0], "stays").await;
    let sends: Vec<_> = (0..2_500).map(|_| a_message(stage.group, stage.people[0], "x")).collect();
    for answer in join_all(sends.iter().map(|new| stage.db.messages.append(new))).await {
        answer.unwrap();
    }
    // They cannot be deleted now, only the conversation.
    stage
        .mongod
        .fail(1, doc! { "failCommands": ["delete"], "namespace": "faults.messages", "errorCode": 2 })
        .await;
    stage.db.conversations.delete(stage.group).await.unwrap();
    assert!(messages.count_documents(doc! {}).await.unwrap() > 2_500);
    refused!(stage.db.conversations.view(stage.group, stage.people[0]), DomainError::NotFound(_));
    let (_mongo, _feed) = opened(&stage.mongod.url("faults")).await;
    within("the messages are gone", async {
        // General's marker, the other group's marker and its message, and for a while the marker of what is gone.
        while messages.count_documents(doc! {}).await.unwrap() > 4 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(stage.db.view(other, stage.people[0]).await.conversation.last_seq, 1);
}
