use std::{collections::HashMap, future::Future, pin::pin, sync::Arc, task::Context};

use chatconnect::domain::{
    entities::{
        change::Change,
        ids::{ConversationId, UserId},
        message::Message,
    },
    error::DomainError,
    interfaces::message_repository::{NewMessage, Window},
};

use super::fixture::*;

contract!(
    seq_and_rev_are_dense,
    a_repeat_answers_the_original_for_ever,
    a_repeat_under_a_race_is_stored_once,
    only_members_send,
    a_reply_answers_a_message_of_the_same_conversation,
    many_at_once_get_dense_numbers_in_the_order_of_the_feed,
    sends_are_ordered_by_their_first_poll,
    a_send_that_nobody_waits_for_is_told_all_the_same,
    edits_take_a_rev,
    deleted_messages_keep_their_place,
    windows,
);

async fn pair(db: &Backend) -> (UserId, UserId, ConversationId) {
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    let group = db.group(ana, &[bob]).await;
    db.changes().await;
    (ana, bob, group)
}

async fn seq_and_rev_are_dense(db: Backend) {
    let (ana, bob, group) = pair(&db).await;
    let new = a_message(group, ana, "  first  ");
    let (first, created) = db.messages.append(&new).await.unwrap();
    assert!(created);
    let expected = Message {
        id: new.id,
        conversation: group,
        seq: 1,
        rev: 1,
        sender: ana,
        client_id: new.client_id,
        body: Some(body("first")),
        attachments: vec![],
        reply_to: None,
        reactions: vec![],
        created_at: new.created_at,
        edited_at: None,
        deleted_at: None,
    };
    assert_eq!(first, expected);
    assert_eq!(db.messages.find(first.id).await.unwrap(), Some(expected.clone()));
    assert_eq!(db.changes().await, [Change::MessageCreated(Arc::new(expected))]);
    db.messages.edit(first.id, &body("other"), at(3_000)).await.unwrap();
    let second = db.send(group, bob, "second").await;
    assert_eq!((second.seq, second.rev), (2, 3));
    let conversation = db.view(group, ana).await.conversation;
    assert_eq!((conversation.last_seq, conversation.rev), (2, 3));
    assert_eq!(conversation.last_message, Some(second));
    assert_eq!(db.send(db.general().await, ana, "elsewhere").await.seq, 1);
}

async fn a_repeat_answers_the_original_for_ever(db: Backend) {
    let (ana, bob, group) = pair(&db).await;
    let elsewhere = db.direct(ana, bob).await;
    let new = a_message(group, ana, "one");
    let (original, _) = db.messages.append(&new).await.unwrap();
    db.changes().await;
    let repeats = [
        new.clone(),
        NewMessage { body: body("another body"), id: message_id(), ..new.clone() },
        NewMessage { conversation: elsewhere, id: message_id(), ..new.clone() },
        NewMessage { conversation: conversation_id(), id: message_id(), ..new.clone() },
        NewMessage { reply_to: Some(message_id()), id: message_id(), ..new.clone() },
    ];
    assert_eq!(db.messages.find_sent(ana, &new.client_id).await.unwrap(), Some(original.clone()));
    assert_eq!(db.messages.find_sent(bob, &new.client_id).await.unwrap(), None, "it is another's");
    for repeat in &repeats {
        assert_eq!(db.messages.append(repeat).await.unwrap(), (original.clone(), false));
    }
    // As it is by now, and also when its sender has left.
    db.messages.react(original.id, bob, &emoji("👍"), true).await.unwrap();
    let edited = db.messages.edit(original.id, &body("edited"), at(9)).await.unwrap();
    db.conversations.remove_member(group, ana).await.unwrap();
    db.changes().await;
    let before = db.view(group, bob).await;
    assert_eq!(db.messages.append(&repeats[1]).await.unwrap(), (edited, false));
    let deleted = db.messages.delete(original.id, at(10)).await.unwrap();
    db.changes().await;
    assert_eq!(db.messages.append(&repeats[2]).await.unwrap(), (deleted, false));
    assert_eq!(db.changes().await, []);
    assert_eq!(db.view(group, bob).await.conversation.last_seq, before.conversation.last_seq);
    assert_eq!(db.find("another", bob).await, []);
    // Somebody else's sends are their own.
    let (other, created) =
        db.messages.append(&NewMessage { sender: bob, id: message_id(), ..new }).await.unwrap();
    assert!(created && other.seq == 2);
}

async fn a_repeat_under_a_race_is_stored_once(db: Backend) {
    let (ana, bob, group) = pair(&db).await;
    let (db, new) = (Arc::new(db), a_message(group, ana, "once"));
    let sends = (0..30).map(|_| {
        let (db, new) = (db.clone(), NewMessage { id: message_id(), ..new.clone() });
        tokio::spawn(async move { db.messages.append(&new).await.unwrap() })
    });
    let answers = futures_util::future::join_all(sends).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|(_, created)| *created).count(), 1);
    assert!(answers.iter().all(|(message, _)| *message == answers[0].0));
    assert_eq!(db.changes().await.len(), 1);
    assert_eq!(db.view(group, bob).await.conversation.last_seq, 1);
}

async fn only_members_send(db: Backend) {
    let (ana, bob, group) = pair(&db).await;
    let carl = db.user("carl").await;
    db.changes().await;
    let before = db.view(group, ana).await;
    let refused_send = a_message(group, carl, "let me in");
    refused!(db.messages.append(&refused_send), DomainError::NotMember);
    refused!(db.messages.append(&a_message(group, user_id(), "x")), DomainError::NotMember);
    refused!(
        db.messages.append(&a_message(conversation_id(), ana, "x")),
        DomainError::NotFound("conversation")
    );
    assert_eq!(db.view(group, ana).await, before);
    assert_eq!(db.changes().await, []);
    // What was refused is not remembered: the same send succeeds once its sender is in.
    db.conversations.add_members(group, &[carl], at(9)).await.unwrap();
    let (message, created) = db.messages.append(&refused_send).await.unwrap();
    assert!(created && message.seq == 1);
    assert_eq!(db.find("let", bob).await, [message.id]);
}

async fn a_reply_answers_a_message_of_the_same_conversation(db: Backend) {
    let (ana, bob, group) = pair(&db).await;
    let original = db.send(group, ana, "question").await;
    let elsewhere = db.send(db.general().await, ana, "elsewhere").await;
    let reply = |to| NewMessage { reply_to: Some(to), ..a_message(group, bob, "answer") };
    let (answer, _) = db.messages.append(&reply(original.id)).await.unwrap();
    assert_eq!(answer.reply_to, Some(original.id));
    assert_eq!(db.messages.find(answer.id).await.unwrap(), Some(answer));
    for wrong in [elsewhere.id, message_id()] {
        let error = refused!(db.messages.append(&reply(wrong)), DomainError::Invalid(_));
        assert_eq!(error.fields()[0].field, "replyTo");
    }
    assert_eq!(db.send(group, ana, "next").await.seq, 3);
    db.messages.delete(original.id, at(9)).await.unwrap();
    db.messages.append(&reply(original.id)).await.unwrap();
}

async fn many_at_once_get_dense_numbers_in_the_order_of_the_feed(db: Backend) {
    let people = db.crowd(10).await;
    let (one, two) = (db.group(people[0], &people[1..]).await, db.channel(people[0], "two").await);
    db.conversations.add_members(two, &people[1..], at(0)).await.unwrap();
    db.changes().await;
    let db = Arc::new(db);
    let tasks = (0..100).map(|task| {
        let (db, sender) = (db.clone(), people[task % 10]);
        let conversation = if task % 3 == 0 { two } else { one };
        tokio::spawn(async move {
            for text in ["a", "b", "c"] {
                let sent = db.send(conversation, sender, text).await;
                db.messages.react(sent.id, sender, &emoji("🎉"), true).await.unwrap();
            }
        })
    });
    let feed = {
        let db = db.clone();
        tokio::spawn(async move {
            let mut revs: HashMap<_, Vec<(u64, Option<u64>)>> = HashMap::new();
            for _ in 0..600 {
                let (message, new) = match db.change().await {
                    Some(Change::MessageCreated(message)) => (message, true),
                    Some(Change::MessageUpdated(message)) => (message, false),
                    other => panic!("{other:?}"),
                };
                revs.entry(message.conversation).or_default().push((message.rev, new.then_some(message.seq)));
            }
            revs
        })
    };
    for task in futures_util::future::join_all(tasks).await {
        task.unwrap();
    }
    let revs = feed.await.unwrap();
    for (conversation, messages, before) in [(one, 66 * 3, 0), (two, 34 * 3, 1)] {
        let seen = &revs[&conversation];
        assert!(seen.iter().map(|(rev, _)| *rev).eq(before + 1..=before + 2 * messages), "{seen:?}");
        assert!(seen.iter().filter_map(|(_, seq)| *seq).eq(1..=messages));
        let stored = db.view(conversation, people[0]).await.conversation;
        assert_eq!((stored.last_seq, stored.rev), (messages, before + 2 * messages));
    }
    assert_eq!(db.changes().await, []);
}

async fn sends_are_ordered_by_their_first_poll(db: Backend) {
    let (ana, _, group) = pair(&db).await;
    let sends: Vec<_> = (0..300).map(|number| a_message(group, ana, &format!("n{number}"))).collect();
    // Polled once in this order, finished in the other one.
    let mut futures: Vec<_> = sends.iter().map(|new| db.messages.append(new)).collect();
    let mut done = vec![None; futures.len()];
    for (future, done) in futures.iter_mut().zip(&mut done) {
        if let std::task::Poll::Ready(answer) =
            future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()))
        {
            *done = Some(answer.unwrap());
        }
    }
    for (number, future) in futures.into_iter().enumerate().rev() {
        let (message, created) = match done[number].take() {
            Some(answer) => answer,
            None => future.await.unwrap(),
        };
        assert!(created);
        assert_eq!(message.seq, number as u64 + 1);
    }
}

async fn a_send_that_nobody_waits_for_is_told_all_the_same(db: Backend) {
    let (ana, _, group) = pair(&db).await;
    let new = a_message(group, ana, "on its way");
    {
        let future = pin!(db.messages.append(&new));
        let _ = future.poll(&mut Context::from_waker(std::task::Waker::noop()));
    }
    let Some(Change::MessageCreated(told)) = db.change().await else { panic!() };
    assert_eq!(told.id, new.id);
    assert_eq!(db.messages.append(&new).await.unwrap(), ((*told).clone(), false));
}

async fn edits_take_a_rev(db: Backend) {
    let (ana, bob, group) = pair(&db).await;
    let sent = db.send(group, ana, "apple").await;
    db.messages.react(sent.id, bob, &emoji("👍"), true).await.unwrap();
    db.changes().await;
    let edited = db.messages.edit(sent.id, &body("banana"), at(5)).await.unwrap();
    assert_eq!((edited.rev, edited.seq, edited.edited_at), (3, 1, Some(at(5))));
    assert_eq!((&edited.body, edited.reactions.len()), (&Some(body("banana")), 1));
    assert_eq!(db.changes().await, [Change::MessageUpdated(Arc::new(edited.clone()))]);
    assert_eq!(db.messages.find(sent.id).await.unwrap(), Some(edited.clone()));
    assert_eq!(db.view(group, bob).await.conversation.last_message, Some(edited.clone()));
    assert_eq!((db.find("apple", bob).await, db.find("banana", bob).await), (vec![], vec![sent.id]));
    assert_eq!(db.messages.edit(sent.id, &body(" banana "), at(6)).await.unwrap(), edited);
    assert_eq!(db.changes().await, []);
    refused!(db.messages.edit(message_id(), &body("x"), at(6)), DomainError::NotFound("message"));
    // Nobody's read position moves.
    assert_eq!(db.view(group, bob).await.unread_count(), 1);
}

async fn deleted_messages_keep_their_place(db: Backend) {
    let (ana, bob, group) = pair(&db).await;
    let (first, second) = (db.send(group, ana, "first").await, db.send(group, ana, "second").await);
    db.messages.react(first.id, bob, &emoji("👍"), true).await.unwrap();
    db.changes().await;
    let deleted = db.messages.delete(first.id, at(5)).await.unwrap();
    let expected = Message { body: None, rev: 4, deleted_at: Some(at(5)), ..first.clone() };
    assert_eq!(deleted, expected);
    assert_eq!(db.changes().await, [Change::MessageUpdated(Arc::new(expected.clone()))]);
    assert_eq!(db.find("first", bob).await, []);
    let page = db.messages.list(group, Window::Newest, 10).await.unwrap();
    assert_eq!(page.messages, [expected.clone(), second]);
    assert_eq!(db.messages.delete(first.id, at(6)).await.unwrap(), expected);
    refused!(db.messages.edit(first.id, &body("x"), at(6)), DomainError::MessageDeleted);
    refused!(db.messages.react(first.id, bob, &emoji("👍"), true), DomainError::MessageDeleted);
    refused!(db.messages.react(first.id, bob, &emoji("👍"), false), DomainError::MessageDeleted);
    refused!(db.messages.delete(message_id(), at(6)), DomainError::NotFound("message"));
    assert_eq!(db.changes().await, []);
    assert_eq!(db.send(group, ana, "third").await.seq, 3);
}

async fn windows(db: Backend) {
    let (ana, _, group) = pair(&db).await;
    for number in 1..=9 {
        db.send(group, ana, &format!("n{number}")).await;
    }
    let between = |after, before| Window::Between { after, before };
    for (window, limit, seqs, has_more) in [
        (Window::Newest, 3, 7..=9, true),
        (Window::Newest, 9, 1..=9, false),
        (Window::Newest, 200, 1..=9, false),
        (Window::Before(7), 3, 4..=6, true),
        (Window::Before(4), 3, 1..=3, false),
        (Window::Before(u64::MAX), 1, 9..=9, true),
        (Window::After(0), 3, 1..=3, true),
        (Window::After(6), 3, 7..=9, false),
        (between(2, 6), 9, 3..=5, false),
        (between(2, 6), 2, 3..=4, true),
    ] {
        let page = db.messages.list(group, window, limit).await.unwrap();
        let found: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!((found, page.has_more), (seqs.collect(), has_more), "{window:?} {limit}");
    }
    for window in
        [Window::Before(1), Window::Before(0), Window::After(9), Window::After(u64::MAX), between(3, 4)]
    {
        let page = db.messages.list(group, window, 5).await.unwrap();
        assert_eq!((page.messages.len(), page.has_more), (0, false), "{window:?}");
    }
    let page = db.messages.list(conversation_id(), Window::Newest, 5).await.unwrap();
    assert_eq!((page.messages.len(), page.has_more), (0, false));
}
