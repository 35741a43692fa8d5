use std::sync::Arc;

use chatconnect::domain::{
    entities::{
        change::Change,
        message::{Message, Reaction},
    },
    error::DomainError,
};

use super::fixture::*;

contract!(
    reactions_are_set_and_taken_back,
    emojis_keep_their_place_while_they_are_used,
    a_reaction_names_the_first_fifty,
    a_message_carries_fifty_emojis,
);

async fn reactions_are_set_and_taken_back(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    let sent = db.send(group, people[0], "hello").await;
    db.changes().await;
    let reacted = db.messages.react(sent.id, people[1], &emoji("👍"), true).await.unwrap();
    let reaction = Reaction { emoji: emoji("👍"), count: 1, users: vec![people[1]] };
    assert_eq!(reacted, Message { rev: 2, reactions: vec![reaction], ..sent.clone() });
    assert_eq!(db.messages.find(sent.id).await.unwrap(), Some(reacted.clone()));
    assert_eq!(db.view(group, people[0]).await.conversation.last_message, Some(reacted.clone()));
    assert_eq!(db.changes().await, [Change::MessageUpdated(Arc::new(reacted.clone()))]);
    // Already so.
    assert_eq!(db.messages.react(sent.id, people[1], &emoji("👍"), true).await.unwrap(), reacted);
    assert_eq!(db.messages.react(sent.id, people[0], &emoji("👍"), false).await.unwrap(), reacted);
    assert_eq!(db.messages.react(sent.id, people[1], &emoji("🎉"), false).await.unwrap(), reacted);
    assert_eq!(db.changes().await, []);
    let bare = db.messages.react(sent.id, people[1], &emoji("👍"), false).await.unwrap();
    assert_eq!(bare, Message { rev: 3, ..sent });
    assert_eq!(db.messages.find(bare.id).await.unwrap(), Some(bare));
    refused!(
        db.messages.react(message_id(), people[0], &emoji("👍"), true),
        DomainError::NotFound("message")
    );
}

async fn emojis_keep_their_place_while_they_are_used(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &people[1..]).await;
    let id = db.send(group, people[0], "hello").await.id;
    let mut shown = Vec::new();
    for (user, text, on) in [
        (2, "👍", true),
        (1, "🎉", true),
        (0, "👍", true),
        (2, "👍", false),
        (1, "👍", true),
        (0, "👍", false),
        (1, "👍", false),
        (1, "👍", true),
    ] {
        let message = db.messages.react(id, people[user], &emoji(text), on).await.unwrap();
        let line: Vec<String> = message
            .reactions
            .iter()
            .map(|reaction| {
                let users = reaction.users.iter().map(|user| people.iter().position(|p| p == user).unwrap());
                assert_eq!(reaction.count as usize, reaction.users.len());
                format!("{}{}", reaction.emoji.as_str(), users.map(|n| n.to_string()).collect::<String>())
            })
            .collect();
        shown.push(line.join(" "));
    }
    assert_eq!(shown, ["👍2", "👍2 🎉1", "👍20 🎉1", "👍0 🎉1", "👍01 🎉1", "👍1 🎉1", "🎉1", "🎉1 👍1"]);
}

async fn a_reaction_names_the_first_fifty(db: Backend) {
    let people = db.crowd(60).await;
    let general = db.general().await;
    let id = db.send(general, people[0], "hello").await.id;
    for user in people.iter().rev() {
        db.messages.react(id, *user, &emoji("👍"), true).await.unwrap();
    }
    let expected: Vec<_> = people.iter().rev().take(50).copied().collect();
    let message = db.messages.find(id).await.unwrap().unwrap();
    assert_eq!((message.reactions[0].count, &message.reactions[0].users), (60, &expected));
    // Who is not named can take it back, and one more is named when one of the first does.
    let fewer = db.messages.react(id, people[0], &emoji("👍"), false).await.unwrap();
    assert_eq!((fewer.reactions[0].count, &fewer.reactions[0].users), (59, &expected));
    let fewer = db.messages.react(id, people[59], &emoji("👍"), false).await.unwrap();
    assert_eq!((fewer.reactions[0].count, fewer.reactions[0].users.len()), (58, 50));
    assert_eq!(fewer.reactions[0].users[49], people[9]);
}

async fn a_message_carries_fifty_emojis(db: Backend) {
    let people = db.crowd(2).await;
    let id = db.send(db.general().await, people[0], "hello").await.id;
    let nth = |number: u32| emoji(&char::from_u32(0x1f600 + number).unwrap().to_string());
    for number in 0..50 {
        db.messages.react(id, people[0], &nth(number), true).await.unwrap();
    }
    let error = refused!(db.messages.react(id, people[1], &nth(50), true), DomainError::Invalid(_));
    assert_eq!(error.fields()[0].field, "emoji");
    db.messages.react(id, people[1], &nth(7), true).await.unwrap();
    db.messages.react(id, people[0], &nth(0), false).await.unwrap();
    let full = db.messages.react(id, people[1], &nth(50), true).await.unwrap();
    assert_eq!((full.reactions.len(), full.reactions[49].emoji.clone()), (50, nth(50)));
}
