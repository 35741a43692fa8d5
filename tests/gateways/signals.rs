//! What every way between nodes promises, and what those over a server do while it is away.

use std::{sync::Arc, time::Duration};

use chatconnect::{
    adapters::gateways::{
        mongo::Mongo,
        signals::{memory::MemorySignals, redis},
    },
    domain::{
        entities::{
            ids::{ConversationId, NodeId, UserId},
            signal::{Frame, Signal},
        },
        interfaces::signal_bus::{SignalBus, SignalEvent, SignalFeed},
        usecases::presence::voice::Voice,
    },
};
use tokio::time::Instant;

use super::fixture::uuid;
use crate::support::{mongod::TestDatabase, redis::RedisServer, within};

/// A node on some way to others.
pub struct Node {
    pub id: NodeId,
    pub bus: Arc<dyn SignalBus>,
    pub feed: Box<dyn SignalFeed>,
    pub voice: Voice,
}

impl Node {
    pub fn new(id: NodeId, bus: Arc<dyn SignalBus>, feed: impl SignalFeed + 'static) -> Self {
        let voice = Voice::new(id, Arc::clone(&bus));
        Self { id, bus, feed: Box::new(feed), voice }
    }

    /// What comes next, which must come.
    pub async fn next(&mut self) -> SignalEvent {
        within("a signal", self.feed.next()).await.expect("the feed has not ended")
    }

    pub async fn joined(&mut self) {
        while self.next().await != SignalEvent::Joined {}
    }

    /// The next frame that is none of those that only break the silence.
    pub async fn frame(&mut self) -> Frame {
        loop {
            match self.next().await {
                SignalEvent::Frame(Frame { signal: Signal::Here, .. }) | SignalEvent::Joined => {}
                SignalEvent::Frame(frame) => return frame,
            }
        }
    }

    /// Until it hears `other`: says and listens again and again.
    pub async fn hears(&mut self, other: &Self) -> u64 {
        let mut said = 0;
        within("the others are heard", async {
            loop {
                other.voice.say([Signal::Goodbye]);
                said += 1;
                let heard = tokio::time::timeout(Duration::from_millis(50), self.feed.next()).await;
                if let Ok(Some(SignalEvent::Frame(frame))) = heard {
                    assert_eq!(frame.node, other.id);
                    return said;
                }
            }
        })
        .await
    }
}

pub fn node_id() -> NodeId {
    NodeId::from_uuid(uuid())
}

pub fn typing(number: u128) -> Signal {
    Signal::Typing {
        conversation: ConversationId::from_uuid(uuid::Uuid::from_u128(number)),
        user: UserId::from_uuid(uuid::Uuid::from_u128(number + 1)),
        typing: number.is_multiple_of(2),
    }
}

pub fn people(count: u128) -> Vec<UserId> {
    (0..count).map(|number| UserId::from_uuid(uuid::Uuid::from_u128(number))).collect()
}

/// Everything arrives, once, in order, at everybody but the one who said it.
pub async fn everybody_else_hears(one: &mut Node, two: &mut Node, three: &mut Node) {
    for node in [&mut *one, two, three] {
        node.joined().await;
    }
    let people = people(20_000);
    let mut said: Vec<Signal> = (0..500).map(typing).collect();
    said.extend(Signal::snapshot(&people));
    said.push(Signal::Hello { to: Some(two.id) });
    one.voice.say(said.clone());
    two.voice.say([Signal::Goodbye]);
    for (listener, own) in [(&mut *two, false), (three, true)] {
        let mut heard = Vec::new();
        while heard.len() < said.len() {
            let frame = listener.frame().await;
            if frame.node == one.id {
                assert_eq!(frame.number, heard.len() as u64 + 1);
                heard.push(frame.signal);
            } else {
                assert!(own, "what it said itself comes back to nobody");
            }
        }
        assert!(heard == said);
    }
    let frame = one.frame().await;
    assert_eq!((frame.node, frame.signal), (two.id, Signal::Goodbye));
}

#[tokio::test]
async fn in_memory_everybody_else_hears() {
    let signals = MemorySignals::default();
    let node = || {
        let id = node_id();
        Node::new(id, Arc::new(signals.clone()), signals.join(id))
    };
    everybody_else_hears(&mut node(), &mut node(), &mut node()).await;
}

async fn over_mongodb(database: &TestDatabase) -> Node {
    let id = node_id();
    let (mongo, _) = Mongo::open(database.url()).unwrap();
    let (bus, feed) = mongo.join(id);
    mongo.prepare().await.unwrap();
    Node::new(id, Arc::new(bus), feed)
}

#[tokio::test]
async fn over_mongodb_everybody_else_hears() {
    let database = TestDatabase::new();
    let (mut one, mut two, mut three) =
        (over_mongodb(&database).await, over_mongodb(&database).await, over_mongodb(&database).await);
    everybody_else_hears(&mut one, &mut two, &mut three).await;
}

/// A node of the installation `name`.
fn over_redis(server: &RedisServer, name: &str) -> Node {
    let id = node_id();
    let (bus, feed) =
        redis::start(&server.url(), id, std::future::ready(name.to_owned())).expect("an address");
    Node::new(id, Arc::new(bus), feed)
}

#[tokio::test]
async fn over_redis_everybody_else_hears() {
    let server = RedisServer::started().await;
    let node = || over_redis(&server, "one");
    everybody_else_hears(&mut node(), &mut node(), &mut node()).await;
}

#[tokio::test]
async fn two_installations_on_one_redis_do_not_hear_each_other() {
    let server = RedisServer::started().await;
    let (mut one, mut two, mut other) =
        (over_redis(&server, "one"), over_redis(&server, "one"), over_redis(&server, "other"));
    for node in [&mut one, &mut two, &mut other] {
        node.joined().await;
    }
    other.voice.say([typing(1)]);
    one.voice.say([typing(2)]);
    assert_eq!(two.frame().await.signal, typing(2));
    other.bus.close().await;
    two.voice.say([typing(4)]);
    assert_eq!(one.frame().await.signal, typing(4));
}

#[tokio::test]
async fn a_redis_that_dies_is_waited_for_and_joined_again() {
    let mut server = RedisServer::started().await;
    let (mut one, mut two) = (over_redis(&server, "one"), over_redis(&server, "one"));
    one.joined().await;
    two.joined().await;
    one.voice.say([typing(1)]);
    assert_eq!(two.frame().await.number, 1);
    server.kill();
    let start = Instant::now();
    one.voice.say((0..1_000).map(typing));
    assert!(start.elapsed() < Duration::from_millis(100), "nobody waits for it");
    server.start().await;
    two.joined().await;
    one.joined().await;
    // What was said meanwhile is lost, and its numbers with it.
    one.voice.say([typing(7)]);
    let frame = two.frame().await;
    assert!(frame.number > 1, "{}", frame.number);
}

#[tokio::test]
async fn a_redis_that_comes_later_is_joined_then() {
    let mut server = RedisServer::stopped();
    let (mut one, mut two) = (over_redis(&server, "one"), over_redis(&server, "one"));
    one.voice.say([typing(1)]);
    server.start().await;
    one.joined().await;
    two.joined().await;
    one.voice.say([typing(2)]);
    assert_eq!(two.frame().await.signal, typing(2));
}

#[tokio::test]
async fn a_redis_that_is_silent_is_left_and_joined_again() {
    let server = RedisServer::started().await;
    let (mut one, mut two) = (over_redis(&server, "one"), over_redis(&server, "one"));
    one.joined().await;
    two.joined().await;
    server.freeze();
    one.voice.say([typing(1)]);
    // Longer than it takes to find out.
    tokio::time::sleep(Duration::from_secs(8)).await;
    server.thaw();
    one.joined().await;
    two.joined().await;
    two.hears(&one).await;
}

#[tokio::test]
async fn what_waits_is_sent_before_the_end() {
    let server = RedisServer::started().await;
    let (mut one, mut two) = (over_redis(&server, "one"), over_redis(&server, "one"));
    one.joined().await;
    two.joined().await;
    one.voice.say((0..200).map(typing).chain([Signal::Goodbye]));
    one.bus.close().await;
    while two.frame().await.signal != Signal::Goodbye {}
    within("the feed ends", async { while one.feed.next().await.is_some() {} }).await;
}

#[tokio::test]
async fn a_redis_address_that_is_none_is_refused() {
    let channel = std::future::ready(String::new());
    assert!(redis::start("redis://host:port", node_id(), channel).is_err());
}
