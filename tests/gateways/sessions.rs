use chatconnect::domain::{
    entities::{
        ids::UserId,
        session::{Session, SessionKey},
    },
    error::DomainError,
};

use super::fixture::*;

contract!(
    a_session_is_found_until_it_expires,
    a_key_is_given_once,
    touching_never_brings_a_session_back,
    one_session_is_ended,
    all_others_are_ended,
    sessions_are_listed_by_last_use,
    expired_sessions_are_removed,
);

pub fn a_session(user: UserId, last_seen: i64, expires: i64) -> Session {
    Session {
        key: SessionKey::from_bytes(*uuid().as_bytes()),
        id: session_id(),
        user,
        device: "Firefox – Ubuntu".into(),
        created_at: at(1),
        last_seen_at: at(last_seen),
        expires_at: at(expires),
    }
}

async fn stored(db: &Backend, user: UserId, last_seen: i64, expires: i64) -> Session {
    let session = a_session(user, last_seen, expires);
    assert!(db.sessions.create(&session).await.unwrap());
    session
}

async fn a_session_is_found_until_it_expires(db: Backend) {
    let session = stored(&db, db.user("ana").await, 1, 100).await;
    assert_eq!(db.sessions.find(&session.key, at(99)).await.unwrap(), Some(session.clone()));
    assert_eq!(db.sessions.find(&session.key, at(100)).await.unwrap(), None);
    let other = SessionKey::from_bytes([0; 16]);
    assert_eq!(db.sessions.find(&other, at(0)).await.unwrap(), None);
    refused!(db.sessions.create(&a_session(user_id(), 1, 100)), DomainError::NotFound("user"));
}

async fn a_key_is_given_once(db: Backend) {
    let ana = db.user("ana").await;
    let session = stored(&db, ana, 1, 100).await;
    let thief = Session { key: session.key, ..a_session(db.user("bob").await, 1, 200) };
    assert!(!db.sessions.create(&thief).await.unwrap());
    assert_eq!(db.sessions.find(&session.key, at(2)).await.unwrap(), Some(session));
    assert_eq!(db.sessions.list(thief.user, at(2)).await.unwrap(), []);
}

async fn touching_never_brings_a_session_back(db: Backend) {
    let session = stored(&db, db.user("ana").await, 1, 100).await;
    db.sessions.touch(&session.key, at(50), at(150)).await.unwrap();
    let touched = Session { last_seen_at: at(50), expires_at: at(150), ..session };
    assert_eq!(db.sessions.find(&touched.key, at(149)).await.unwrap(), Some(touched.clone()));
    assert_eq!(db.sessions.delete(&touched.key).await.unwrap(), Some(touched.clone()));
    assert_eq!(db.sessions.delete(&touched.key).await.unwrap(), None);
    db.sessions.touch(&touched.key, at(60), at(160)).await.unwrap();
    assert_eq!(db.sessions.find(&touched.key, at(61)).await.unwrap(), None);
    assert_eq!(db.sessions.list(touched.user, at(61)).await.unwrap(), []);
}

async fn one_session_is_ended(db: Backend) {
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    let (first, second) = (stored(&db, ana, 1, 100).await, stored(&db, ana, 2, 100).await);
    assert_eq!(db.sessions.delete_by_id(bob, first.id).await.unwrap(), None);
    assert_eq!(db.sessions.delete_by_id(ana, first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(db.sessions.delete_by_id(ana, first.id).await.unwrap(), None);
    assert_eq!(db.sessions.list(ana, at(3)).await.unwrap(), [second]);
}

async fn all_others_are_ended(db: Backend) {
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    let mut gone = vec![stored(&db, ana, 1, 100).await, stored(&db, ana, 2, 100).await];
    let kept = stored(&db, ana, 3, 100).await;
    let bobs = stored(&db, bob, 3, 100).await;
    let mut ended = db.sessions.delete_others(ana, Some(kept.id)).await.unwrap();
    for list in [&mut ended, &mut gone] {
        list.sort_by_key(|session| session.id);
    }
    assert_eq!(ended, gone);
    assert_eq!(db.sessions.list(ana, at(3)).await.unwrap(), std::slice::from_ref(&kept));
    assert_eq!(db.sessions.delete_others(ana, None).await.unwrap(), [kept]);
    assert_eq!(db.sessions.list(bob, at(3)).await.unwrap(), [bobs]);
}

async fn sessions_are_listed_by_last_use(db: Backend) {
    let ana = db.user("ana").await;
    let old = stored(&db, ana, 10, 100).await;
    let new = stored(&db, ana, 30, 100).await;
    stored(&db, ana, 20, 40).await;
    assert_eq!(db.sessions.list(ana, at(40)).await.unwrap(), [new, old]);
}

async fn expired_sessions_are_removed(db: Backend) {
    let ana = db.user("ana").await;
    for expires in [10, 20, 30] {
        stored(&db, ana, 1, expires).await;
    }
    assert_eq!(db.sessions.delete_expired(at(20)).await.unwrap(), 2);
    assert_eq!(db.sessions.delete_expired(at(20)).await.unwrap(), 0);
    assert_eq!(db.sessions.list(ana, at(0)).await.unwrap().len(), 1);
}
