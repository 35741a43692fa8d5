//! Several nodes on one MongoDB: whatever they do at the same time, there is one story, and each node tells all of it.

use std::{collections::HashMap, sync::Arc};

use chatconnect::domain::{
    entities::{
        change::Change,
        conversation::Conversation,
        ids::{ConversationId, UserId},
        message::Message,
    },
    error::DomainError,
    interfaces::message_repository::{NewMessage, Window},
};
use futures_util::future::join_all;

use super::fixture::*;
use crate::support::mongod::TestDatabase;

/// Two nodes of one database.
async fn nodes() -> [Arc<Backend>; 2] {
    let database = Arc::new(TestDatabase::new());
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let (mongo, feed) = opened(database.url()).await;
        let fence = Fence::on(database.url()).await;
        nodes.push(Arc::new(of_mongo(&mongo, feed, Some(fence), Arc::clone(&database))));
    }
    nodes.try_into().unwrap_or_else(|_| unreachable!())
}

/// The `rev` that a change took, if any.
fn rev(change: &Change) -> Option<u64> {
    let told = |conversation: &Conversation, told: bool| told.then_some(conversation.rev);
    match change {
        Change::MessageCreated(message) | Change::MessageUpdated(message) => Some(message.rev),
        Change::ConversationUpdated(conversation) => Some(conversation.rev),
        Change::ConversationCreated { conversation, .. } => Some(conversation.rev),
        Change::MembersJoined { conversation, told: is_told, .. }
        | Change::MemberLeft { conversation, told: is_told, .. } => told(conversation, *is_told),
        Change::ConversationDeleted(_) | Change::Read { .. } | Change::Marked(_) | Change::Profile(_) => None,
    }
}

async fn all(node: &Backend, conversation: ConversationId) -> Vec<Message> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = node.messages.list(conversation, Window::After(after), 200).await.unwrap();
        after = page.messages.last().map_or(after, |last| last.seq);
        all.extend(page.messages);
        if !page.has_more {
            return all;
        }
    }
}

/// Everything somebody may do to a conversation, again and again, on one node.
async fn busy(
    node: Arc<Backend>,
    group: ConversationId,
    me: UserId,
    guest: UserId,
    rounds: u32,
) -> Vec<Message> {
    let mut sent = Vec::new();
    for round in 0..rounds {
        let message = node.send(group, me, &format!("{round} of {me}")).await;
        match round % 6 {
            0 => {
                drop(node.messages.edit(message.id, &body(&format!("{round} edited")), at(9)).await.unwrap())
            }
            1 => drop(node.messages.react(message.id, guest, &emoji("👍"), true).await.unwrap()),
            2 => {
                drop(node.conversations.rename(group, Some(&title(&format!("{round} {me}")))).await.unwrap())
            }
            3 => drop(node.conversations.add_members(group, &[guest], at(10)).await.unwrap()),
            4 => node.conversations.remove_member(group, guest).await.unwrap(),
            _ => drop(node.conversations.mark_read(group, me, message.seq).await.unwrap()),
        }
        sent.push(message);
    }
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_nodes_write_at_once_is_one_story_and_both_tell_it() {
    let [one, two] = nodes().await;
    let people = one.crowd(24).await;
    let (mine, guests) = people.split_at(12);
    let group = one.group(mine[0], &mine[1..]).await;
    for node in [&one, &two] {
        node.changes().await;
    }
    let tasks = mine.iter().zip(guests).enumerate().map(|(number, (&me, &guest))| {
        let node = if number % 2 == 0 { &one } else { &two };
        tokio::spawn(busy(Arc::clone(node), group, me, guest, 18))
    });
    let sent: Vec<Vec<Message>> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();

    let (told, same) = (one.changes().await, two.changes().await);
    assert_eq!(told, same, "both nodes tell the same");
    let revs: Vec<u64> = told.iter().filter_map(rev).collect();
    let view = two.view(group, mine[0]).await.conversation;
    assert!(revs.iter().copied().eq(1..=view.rev), "each rev once and in order: {revs:?}");

    let stored = all(&two, group).await;
    assert!(stored.iter().map(|message| message.seq).eq(1..=12 * 18), "no hole");
    let mut newest = HashMap::new();
    for change in &told {
        if let Change::MessageCreated(message) | Change::MessageUpdated(message) = change {
            newest.insert(message.id, Message::clone(message));
        }
    }
    assert!(stored.iter().all(|message| newest[&message.id] == *message), "what is told is what is stored");
    for sent in sent {
        assert!(sent.is_sorted_by_key(|message| message.seq), "everybody's messages are in their order");
        for message in sent {
            assert!(told.contains(&Change::MessageCreated(Arc::new(message))), "what is answered is told");
        }
    }
}

/// What a node writes that has not heard yet that the newest message was edited meanwhile, and the title changed twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rev_that_was_taken_is_never_taken_again() {
    let database = TestDatabase::new();
    let (mongo, feed) = opened(database.url()).await;
    let node = of_mongo(&mongo, feed, None, ());
    let ana = node.user("ana").await;
    let group = node.group(ana, &[]).await;
    let message = node.send(group, ana, "first").await;
    node.messages.edit(message.id, &body("second"), at(9)).await.unwrap();
    for name in ["One", "Two"] {
        node.conversations.rename(group, Some(&title(name))).await.unwrap();
    }
    assert_eq!(node.view(group, ana).await.conversation.rev, 4);
    let client = mongodb::Client::with_uri_str(database.url()).await.unwrap();
    let messages = client.default_database().unwrap().collection::<mongodb::bson::Document>("messages");
    let id = |id: uuid::Uuid| mongodb::bson::Uuid::from_bytes(id.into_bytes());
    for (late, rev) in [(2, 1), (3, 2), (4, 3), (5, 4)] {
        let message = mongodb::bson::doc! {
            "_id": id(uuid()), "conversation": id(group.as_uuid()), "seq": late, "rev": rev, "revs": [rev],
        };
        let error = messages.insert_one(message).await.expect_err("is refused").to_string();
        assert!(error.contains("index: messages_by_revs"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_sent_through_both_nodes_is_stored_once() {
    let [one, two] = nodes().await;
    let people = one.crowd(8).await;
    let general = one.general().await;
    let sends: Vec<NewMessage> = (0..160).map(|n| a_message(general, people[n % 8], "once")).collect();
    two.changes().await;
    let both = sends.iter().flat_map(|new| [(&one, new.clone()), (&two, new.clone())]);
    let answers = join_all(both.map(|(node, new)| {
        let (node, new) = (Arc::clone(node), NewMessage { id: message_id(), ..new });
        tokio::spawn(async move { node.messages.append(&new).await.unwrap() })
    }));
    let answers: Vec<(Message, bool)> = answers.await.into_iter().map(Result::unwrap).collect();
    for pair in answers.chunks(2) {
        assert_eq!(pair[0].0, pair[1].0);
        assert!(pair[0].1 ^ pair[1].1, "one of them was the first");
    }
    assert_eq!(two.changes().await.len(), sends.len());
    assert!(all(&one, general).await.iter().map(|message| message.seq).eq(1..=160));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_taken_out_on_one_node_cannot_write_on_the_other() {
    let [one, two] = nodes().await;
    let people = one.crowd(2).await;
    for _ in 0..10 {
        let group = one.group(people[0], &[people[1]]).await;
        // This node knows where the conversation stands, and that he is a member.
        two.send(group, people[1], "still here").await;
        one.conversations.remove_member(group, people[1]).await.unwrap();
        refused!(two.messages.append(&a_message(group, people[1], "x")), DomainError::NotMember);
        two.send(group, people[0], "gone").await;
        one.conversations.delete(group).await.unwrap();
        let late = a_message(group, people[0], "x");
        refused!(two.messages.append(&late), DomainError::NotFound("conversation"));
    }
}

/// What a node knows of members is worth nothing once another one took somebody out, whatever it heard meanwhile. Whoever
/// leaves a conversation of more than 100 takes no `rev`, and so nothing else would stop them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wrote_a_moment_ago_and_was_taken_out_elsewhere_cannot_write() {
    let [one, two] = nodes().await;
    let people = one.crowd(120).await;
    let (small, large) =
        (one.group(people[0], &people[1..2]).await, one.group(people[0], &people[1..]).await);
    for round in 0..48 {
        let group = if round % 4 < 2 { small } else { large };
        one.send(group, people[1], "I am in").await;
        two.conversations.remove_member(group, people[1]).await.unwrap();
        for _ in 0..round % 3 {
            two.send(group, people[0], "and out").await;
        }
        if round % 2 == 0 {
            // The other node has heard of all that.
            one.changes().await;
        }
        let outcome = one.messages.append(&a_message(group, people[1], "am I?")).await;
        assert!(matches!(outcome, Err(DomainError::NotMember)), "round {round}: {outcome:?}");
        one.conversations.add_members(group, &people[1..2], at(10)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_that_goes_while_others_write_leaves_nothing_behind() {
    let [one, two] = nodes().await;
    let people = one.crowd(6).await;
    let group = one.group(people[0], &people[1..]).await;
    let writers = people[1..].iter().enumerate().map(|(number, &me)| {
        let node = Arc::clone(if number % 2 == 0 { &one } else { &two });
        tokio::spawn(async move {
            loop {
                match node.messages.append(&a_message(group, me, "until the end")).await {
                    Ok((message, _)) => match node.messages.react(message.id, me, &emoji("🎉"), true).await
                    {
                        Ok(_) | Err(DomainError::NotFound(_)) => {}
                        Err(error) => panic!("{error:?}"),
                    },
                    Err(DomainError::NotFound("conversation")) => return,
                    Err(error) => panic!("{error:?}"),
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    while one.view(group, people[0]).await.conversation.last_seq < 50 {
        tokio::task::yield_now().await;
    }
    one.conversations.delete(group).await.unwrap();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(all(&two, group).await, []);
    for node in [one, two] {
        let told = node.changes().await;
        let end = told.iter().position(|change| *change == Change::ConversationDeleted(group)).unwrap();
        let after: Vec<&Change> = told[end + 1..].iter().filter(|change| rev(change).is_some()).collect();
        assert!(after.is_empty(), "nothing comes after the end: {after:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newcomers_of_both_nodes_meet_in_one_general() {
    let [one, two] = nodes().await;
    let register = |node: &Arc<Backend>, number: usize| {
        let node = Arc::clone(node);
        tokio::spawn(async move { node.user(&format!("user{number}")).await })
    };
    let both = (0..40).map(|number| register(if number % 2 == 0 { &one } else { &two }, number));
    let people: Vec<UserId> = join_all(both).await.into_iter().map(Result::unwrap).collect();
    let general = one.general().await;
    assert_eq!(two.general().await, general);
    let view = two.view(general, people[39]).await.conversation;
    assert_eq!((view.member_count, view.rev), (40, 39));
    let revs: Vec<_> = one.changes().await.iter().filter_map(rev).collect();
    assert!(revs.iter().copied().eq(0..=39), "{revs:?}");
}
