//! The cache of sessions never knows one that the database does not.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chatconnect::{
    adapters::gateways::{cached_sessions::CachedSessions, memory::Memory},
    domain::{
        entities::{
            actor::Actor,
            ids::{SessionId, UserId},
            session::{Session, SessionKey},
            timestamp::Timestamp,
        },
        error::Result,
        interfaces::{clock::Clock, session_repository::SessionRepository},
    },
};
use tokio::sync::oneshot;

use super::stage::Stage;
use crate::support::within;

/// Where a call waits: it says that it is there, and goes on when it is told to.
type Halt = (oneshot::Sender<()>, oneshot::Receiver<()>);

/// A durable store whose next `find` and next deletion can be halted after they have done their work.
#[derive(Clone)]
struct Halting {
    memory: Memory,
    find: Arc<Mutex<Option<Halt>>>,
    delete: Arc<Mutex<Option<Halt>>>,
}

/// The other ends of a [`Halt`].
struct Halted {
    reached: oneshot::Receiver<()>,
    go: oneshot::Sender<()>,
}

fn halt(place: &Mutex<Option<Halt>>) -> Halted {
    let ((reach, reached), (go, gone)) = (oneshot::channel(), oneshot::channel());
    *place.lock().unwrap() = Some((reach, gone));
    Halted { reached, go }
}

async fn pass(place: &Mutex<Option<Halt>>) {
    let halt = place.lock().unwrap().take();
    if let Some((reach, gone)) = halt {
        reach.send(()).unwrap();
        gone.await.unwrap();
    }
}

#[async_trait]
impl SessionRepository for Halting {
    async fn create(&self, session: &Session) -> Result<bool> {
        SessionRepository::create(&self.memory, session).await
    }

    async fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>> {
        let found = SessionRepository::find(&self.memory, key, now).await;
        pass(&self.find).await;
        found
    }

    async fn touch(&self, key: &SessionKey, last_seen: Timestamp, expires: Timestamp) -> Result<()> {
        self.memory.touch(key, last_seen, expires).await
    }

    async fn delete(&self, key: &SessionKey) -> Result<Option<Session>> {
        let ended = SessionRepository::delete(&self.memory, key).await;
        pass(&self.delete).await;
        ended
    }

    async fn delete_by_id(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        let ended = self.memory.delete_by_id(user, id).await;
        pass(&self.delete).await;
        ended
    }

    async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<Session>> {
        let ended = self.memory.delete_others(user, keep).await;
        pass(&self.delete).await;
        ended
    }

    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        SessionRepository::list(&self.memory, user, now).await
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
        self.memory.delete_expired(now).await
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    ByKey,
    ById,
    WithTheOthers,
}

const ENDS: [End; 3] = [End::ByKey, End::ById, End::WithTheOthers];

async fn end(sessions: &CachedSessions, actor: Actor, how: End) {
    let key = SessionKey::from_bytes(*actor.session.as_bytes());
    match how {
        End::ByKey => drop(sessions.delete(&key).await.unwrap()),
        End::ById => drop(sessions.delete_by_id(actor.user, actor.session).await.unwrap()),
        End::WithTheOthers => drop(sessions.delete_others(actor.user, None).await.unwrap()),
    }
}

struct Scene {
    durable: Halting,
    sessions: Arc<CachedSessions>,
    actor: Actor,
    key: SessionKey,
    now: Timestamp,
}

async fn scene() -> Scene {
    let stage = Stage::new();
    let actor = stage.person("ana").await;
    let durable = Halting { memory: stage.memory.clone(), find: Arc::default(), delete: Arc::default() };
    let sessions = Arc::new(CachedSessions::new(Arc::new(durable.clone()), 100));
    let key = SessionKey::from_bytes(*actor.session.as_bytes());
    Scene { durable, sessions, actor, key, now: stage.clock.now() }
}

impl Scene {
    async fn find(&self) -> Option<Session> {
        self.sessions.find(&self.key, self.now).await.unwrap()
    }
}

#[tokio::test]
async fn a_cached_session_ends_with_the_stored_one() {
    for how in ENDS {
        let scene = scene().await;
        assert!(scene.find().await.is_some() && scene.find().await.is_some());
        end(&scene.sessions, scene.actor, how).await;
        assert_eq!(scene.find().await, None, "{how:?}");
    }
}

/// A session is read from the database, ends, and only then would enter the cache.
#[tokio::test]
async fn a_session_that_ends_while_it_is_read_is_not_brought_back() {
    for how in ENDS {
        let scene = scene().await;
        let halted = halt(&scene.durable.find);
        let (sessions, key, now) = (Arc::clone(&scene.sessions), scene.key, scene.now);
        let reading = tokio::spawn(async move { sessions.find(&key, now).await.unwrap() });
        within("the session is read", halted.reached).await.unwrap();
        end(&scene.sessions, scene.actor, how).await;
        halted.go.send(()).unwrap();
        assert_eq!(within("the reading ends", reading).await.unwrap(), None, "{how:?}");
        assert_eq!(scene.find().await, None, "{how:?}");
    }
}

/// A session is gone from the database, is asked for, and only then leaves the cache.
#[tokio::test]
async fn a_session_that_is_read_while_it_ends_is_not_kept() {
    for (how, cached) in ENDS.into_iter().flat_map(|how| [(how, true), (how, false)]) {
        let scene = scene().await;
        if cached {
            assert!(scene.find().await.is_some());
        }
        let halted = halt(&scene.durable.delete);
        let (sessions, actor) = (Arc::clone(&scene.sessions), scene.actor);
        let ending = tokio::spawn(async move { end(&sessions, actor, how).await });
        within("the session ends", halted.reached).await.unwrap();
        // Nobody was told of the end yet, so either answer is right.
        scene.find().await;
        halted.go.send(()).unwrap();
        within("the end is done", ending).await.unwrap();
        assert_eq!(scene.find().await, None, "{how:?}, cached: {cached}");
    }
}

/// What was read before a session was marked as seen does not hide that.
#[tokio::test]
async fn a_session_that_is_seen_while_it_is_read_keeps_its_new_times() {
    let scene = scene().await;
    let halted = halt(&scene.durable.find);
    let (sessions, key, now) = (Arc::clone(&scene.sessions), scene.key, scene.now);
    let reading = tokio::spawn(async move { sessions.find(&key, now).await.unwrap() });
    within("the session is read", halted.reached).await.unwrap();
    let later = Timestamp::from_millis(now.as_millis() + 500_000);
    scene
        .sessions
        .touch(&scene.key, later, Timestamp::from_millis(now.as_millis() + 9_000_000))
        .await
        .unwrap();
    halted.go.send(()).unwrap();
    assert_eq!(within("the reading ends", reading).await.unwrap().unwrap().last_seen_at, later);
    assert_eq!(scene.find().await.unwrap().last_seen_at, later);
}

#[tokio::test]
async fn a_cached_session_expires() {
    let scene = scene().await;
    let session = scene.find().await.unwrap();
    let at = |millis| Timestamp::from_millis(session.expires_at.as_millis() + millis);
    assert!(scene.sessions.find(&scene.key, at(-1)).await.unwrap().is_some());
    assert_eq!(scene.sessions.find(&scene.key, at(0)).await.unwrap(), None);
}
