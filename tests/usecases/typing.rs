use std::sync::Arc;

use chatconnect::domain::{
    entities::conversation::ConversationKind,
    error::DomainError,
    usecases::presence::{typing::Typing, voice::Voice},
};

use super::stage::{Stage, Told};

fn typing(stage: &Stage) -> Typing {
    let clock = Arc::clone(&stage.clock) as _;
    Typing::new(stage.conversations(), stage.publisher(), clock, Arc::new(Voice::alone()))
}

#[tokio::test]
async fn typing_ends_by_itself_after_six_seconds() {
    let stage = Stage::new();
    let (ana, bia) = (stage.person("ana").await, stage.person("bia").await);
    let group = stage.converse(ConversationKind::Group, &[ana, bia]).await;
    let typing = typing(&stage);
    typing.execute(ana, group, true).await.unwrap();
    assert_eq!(stage.heard.take(), [Told::Typing(group, ana.user, true)]);

    stage.clock.forward(5_999);
    typing.expire().await;
    assert_eq!(stage.heard.take(), []);
    stage.clock.forward(1);
    typing.expire().await;
    assert_eq!(stage.heard.take(), [Told::Typing(group, ana.user, false)]);
    typing.expire().await;
    assert_eq!(stage.heard.take(), [], "it ends once");
}

#[tokio::test]
async fn another_sign_is_told_again_and_puts_the_end_off() {
    let stage = Stage::new();
    let (ana, bia) = (stage.person("ana").await, stage.person("bia").await);
    let group = stage.converse(ConversationKind::Group, &[ana, bia]).await;
    let typing = typing(&stage);
    typing.execute(ana, group, true).await.unwrap();
    stage.clock.forward(4_000);
    typing.execute(ana, group, true).await.unwrap();
    let sign = || Told::Typing(group, ana.user, true);
    assert_eq!(stage.heard.take(), [sign(), sign()], "who hears none for six seconds takes it for ended");
    stage.clock.forward(4_000);
    typing.expire().await;
    assert_eq!(stage.heard.take(), []);
    stage.clock.forward(2_000);
    typing.expire().await;
    assert_eq!(stage.heard.take(), [Told::Typing(group, ana.user, false)]);
}

#[tokio::test]
async fn who_goes_types_no_longer_and_who_never_typed_stops_nothing() {
    let stage = Stage::new();
    let (ana, bia) = (stage.person("ana").await, stage.person("bia").await);
    let group = stage.converse(ConversationKind::Group, &[ana, bia]).await;
    let typing = typing(&stage);
    typing.execute(bia, group, false).await.unwrap();
    assert_eq!(stage.heard.take(), []);
    typing.execute(ana, group, true).await.unwrap();
    typing.stop(bia.user).await;
    typing.stop(ana.user).await;
    typing.expire().await;
    let expected = [Told::Typing(group, ana.user, true), Told::Typing(group, ana.user, false)];
    assert_eq!(stage.heard.take(), expected);
}

#[tokio::test]
async fn nobody_hears_outsiders_or_in_a_large_conversation() {
    let stage = Stage::new();
    let mut people = Vec::new();
    for number in 0..101 {
        people.push(stage.person(&format!("person-{number}")).await);
    }
    let (large, small) = (
        stage.converse(ConversationKind::Group, &people).await,
        stage.converse(ConversationKind::Group, &people[1..]).await,
    );
    let typing = typing(&stage);
    typing.execute(people[1], large, true).await.unwrap();
    assert_eq!(stage.heard.take(), []);
    typing.execute(people[1], small, true).await.unwrap();
    assert_eq!(stage.heard.take().len(), 1, "100 members are told");
    let outsider = typing.execute(people[0], small, true).await;
    assert!(matches!(outsider, Err(DomainError::NotMember)), "{outsider:?}");
    assert_eq!(stage.heard.take(), []);
}
