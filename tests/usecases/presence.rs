use std::sync::Arc;

use chatconnect::domain::{
    entities::{conversation::ConversationKind, ids::UserId, presence::Presence, timestamp::Timestamp},
    interfaces::{clock::Clock, user_repository::UserRepository},
    usecases::presence::{track_presence::TrackPresence, voice::Voice},
};

use super::stage::{Stage, Told};

fn track(stage: &Stage) -> TrackPresence {
    TrackPresence::new(
        stage.users(),
        stage.publisher(),
        Arc::clone(&stage.clock) as _,
        Arc::new(Voice::alone()),
    )
}

fn online(user: UserId, contacts: &[UserId]) -> Told {
    Told::Presence(Presence { user, online: true, last_seen_at: None }, contacts.to_vec())
}

fn offline(user: UserId, at: Timestamp, contacts: &[UserId]) -> Told {
    Told::Presence(Presence { user, online: false, last_seen_at: Some(at) }, contacts.to_vec())
}

#[tokio::test]
async fn only_the_first_socket_and_the_last_one_are_news() {
    let stage = Stage::new();
    let ana = stage.person("ana").await.user;
    let track = track(&stage);
    track.connected(ana);
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), [online(ana, &[])]);
    track.connected(ana);
    track.disconnected(ana);
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), []);
    assert!(track.is_online(ana));
    stage.clock.forward(1_000);
    track.disconnected(ana);
    let left = stage.clock.now();
    // What is told is when they left, not when it is told.
    stage.clock.forward(700);
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), [offline(ana, left, &[])]);
    let stored = stage.memory.find(ana).await.unwrap().unwrap().last_seen_at;
    assert_eq!(stored, Some(left));
}

#[tokio::test]
async fn what_happens_between_two_tellings_is_told_as_its_outcome() {
    let stage = Stage::new();
    let ana = stage.person("ana").await.user;
    let track = track(&stage);
    for _ in 0..50 {
        track.connected(ana);
        track.disconnected(ana);
    }
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), [], "there and gone again before anybody was told");
    for _ in 0..50 {
        track.connected(ana);
        track.disconnected(ana);
    }
    track.connected(ana);
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), [online(ana, &[])]);
    track.disconnected(ana);
    track.connected(ana);
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), [], "a reconnect is no news");
}

#[tokio::test]
async fn who_was_seen_online_is_told_to_have_left() {
    let stage = Stage::new();
    let ana = stage.person("ana").await.user;
    let track = track(&stage);
    track.connected(ana);
    // Somebody looks before it was told, and so must hear of the end.
    assert!(track.watch(&[ana]).await.unwrap()[0].online);
    track.disconnected(ana);
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), [offline(ana, stage.clock.now(), &[])]);
}

#[tokio::test]
async fn contacts_hear_of_it_when_they_are_there_and_channels_make_no_contacts() {
    let stage = Stage::new();
    let (ana, bia, caio, duda) = (
        stage.person("ana").await,
        stage.person("bia").await,
        stage.person("caio").await,
        stage.person("duda").await,
    );
    stage.converse(ConversationKind::Direct, &[ana, bia]).await;
    stage.converse(ConversationKind::Group, &[ana, caio]).await;
    let track = track(&stage);
    for actor in [bia, duda] {
        track.connected(actor.user);
    }
    track.tell().await.unwrap();
    stage.heard.take();
    track.connected(ana.user);
    track.tell().await.unwrap();
    // Caio is not there, and Duda shares no more than `general`.
    assert_eq!(stage.heard.take(), [online(ana.user, &[bia.user])]);
}

#[tokio::test]
async fn two_hundred_people_may_be_watched() {
    let stage = Stage::new();
    let ana = stage.person("ana").await.user;
    let track = track(&stage);
    assert_eq!(track.watch(&vec![ana; 200]).await.unwrap()[0].user, ana);
    let error = track.watch(&vec![ana; 201]).await.unwrap_err();
    assert_eq!((error.code(), error.fields()[0].field.as_str()), ("invalid", "userIds"));
}
