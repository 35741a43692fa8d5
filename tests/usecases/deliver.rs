//! What the database tells reaches sockets and the cache of sessions.

use std::sync::Arc;

use async_trait::async_trait;
use chatconnect::{
    adapters::gateways::cached_sessions::CachedSessions,
    domain::{
        entities::{
            change::Change,
            conversation::ConversationKind,
            marks::{MarkPatch, Marks},
            timestamp::Timestamp,
        },
        interfaces::{
            change_feed::{ChangeFeed, FeedEvent},
            session_repository::SessionRepository,
        },
        usecases::deliver::DeliverChanges,
    },
};

use super::stage::{Stage, Told};

struct Events(std::vec::IntoIter<FeedEvent>);

#[async_trait]
impl ChangeFeed for Events {
    async fn next(&mut self) -> Option<FeedEvent> {
        self.0.next()
    }

    fn try_next(&mut self) -> Option<FeedEvent> {
        self.0.next()
    }
}

struct Node {
    stage: Stage,
    sessions: Arc<CachedSessions>,
}

impl Node {
    fn new() -> Self {
        let stage = Stage::new();
        let sessions = Arc::new(CachedSessions::new(Arc::new(stage.memory.clone()), 100));
        Self { stage, sessions }
    }

    async fn hears(&self, events: Vec<FeedEvent>) -> Vec<Told> {
        let deliver = DeliverChanges {
            publisher: self.stage.publisher(),
            sessions: Arc::clone(&self.sessions) as _,
            cache: Arc::clone(&self.sessions) as _,
            marks: self.stage.marks(),
            users: self.stage.users(),
            clock: Arc::clone(&self.stage.clock) as _,
        };
        deliver.execute(Box::new(Events(events.into_iter()))).await;
        self.stage.heard.take()
    }
}

#[tokio::test]
async fn a_session_that_ended_elsewhere_leaves_the_cache_and_its_sockets_close() {
    let node = Node::new();
    let ana = node.stage.person("ana").await;
    let session = node.stage.record(ana.user, ana.session);
    let now = session.created_at;
    assert!(node.sessions.find(&session.key, now).await.unwrap().is_some());
    // Another node ends it: nothing of it passes through this one's cache.
    node.stage.memory.delete(&session.key).await.unwrap();
    assert!(node.sessions.find(&session.key, now).await.unwrap().is_some(), "it is cached");
    let told = node.hears(vec![FeedEvent::SessionEnded { id: session.id, key: session.key }]).await;
    assert_eq!(told, [Told::Ended(vec![session.id])]);
    assert!(node.sessions.find(&session.key, now).await.unwrap().is_none());
}

#[tokio::test]
async fn after_a_gap_everybody_is_told_to_sync_and_every_session_is_looked_at_again() {
    let node = Node::new();
    let (ana, bia) = (node.stage.person("ana").await, node.stage.person("bia").await);
    let [stays, ended] = [ana, bia].map(|actor| node.stage.record(actor.user, actor.session));
    *node.stage.heard.connected.lock().unwrap() = vec![(stays.id, stays.key), (ended.id, ended.key)];
    for session in [&stays, &ended] {
        assert!(node.sessions.find(&session.key, session.created_at).await.unwrap().is_some());
    }
    node.stage.memory.delete(&ended.key).await.unwrap();
    let told = node.hears(vec![FeedEvent::Gap]).await;
    assert_eq!(told, [Told::SyncNeeded, Told::Ended(vec![ended.id])]);
    assert!(node.sessions.find(&ended.key, ended.created_at).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_that_lasts_longer_elsewhere_is_asked_of_the_database() {
    let node = Node::new();
    let ana = node.stage.person("ana").await;
    let session = node.stage.record(ana.user, ana.session);
    assert!(node.sessions.find(&session.key, session.created_at).await.unwrap().is_some());
    let (later, end) = (session.expires_at, Timestamp::from_millis(session.expires_at.as_millis() + 1_000));
    node.stage.memory.touch(&session.key, later, end).await.unwrap();
    assert!(node.sessions.find(&session.key, later).await.unwrap().is_some());
}

#[tokio::test]
async fn marks_and_profiles_are_told_as_they_are_by_now() {
    let node = Node::new();
    let (ana, bruno) = (node.stage.person("ana").await, node.stage.person("bruno").await);
    let direct = node.stage.converse(ConversationKind::Direct, &[ana, bruno]).await;
    let patch = MarkPatch { pinned: Some(true), ..MarkPatch::default() };
    node.stage.marks().set(direct, ana.user, patch).await.unwrap();
    let marked = || vec![FeedEvent::Change(Change::Marked(ana.user))];
    assert_eq!(node.hears(marked()).await, [], "nobody listens");
    node.stage.heard.listening.lock().unwrap().push(ana.user);
    let marks = Marks { pinned: vec![direct], ..Marks::default() };
    assert_eq!(node.hears(marked()).await, [Told::Marks(ana.user, marks)]);

    let user = node.stage.users().find(ana.user).await.unwrap().unwrap();
    let told = node.hears(vec![FeedEvent::Change(Change::Profile(ana.user))]).await;
    assert_eq!(told, [Told::User(user, vec![bruno.user])]);
    node.stage.accounts().close_account(bruno.user, Timestamp::from_millis(0)).await.unwrap();
    let told = node.hears(vec![FeedEvent::Change(Change::Profile(bruno.user))]).await;
    assert_eq!(told, [Told::UserGone(bruno.user, vec![ana.user])]);

    node.stage.memory.close();
    assert_eq!(node.hears(marked()).await, [Told::CutOff(ana.user)], "who comes back asks");
}
