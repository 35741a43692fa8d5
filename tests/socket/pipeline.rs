//! Many commands at once: each one's ack, the order of what was sent, the order of what is told.

use proptest::{
    sample::select,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};

use super::payloads::assert_is_ack;
use crate::support::{
    payloads::{Known, json_text},
    server::Server,
    socket::Socket,
    uuid,
};
use chatconnect::adapters::dto::events::{COMMANDS, TUTORIAL_MESSAGE};

fn order(conversation: &str, body: &str) -> Value {
    json!({ "conversationId": conversation, "clientId": uuid(), "body": body })
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_mixed_commands_get_one_ack_each() {
    let server = Server::start().await;
    let (ana, bia) = (server.person().await, server.person().await);
    let known = Known::new(&ana, &bia).await;
    let mut socket = Socket::ready(&ana).await;

    let mut runner = TestRunner::default();
    let events: Vec<&str> = COMMANDS.iter().copied().chain([TUTORIAL_MESSAGE, "nothing"]).collect();
    let command = (select(events), json_text(&known));
    let mut sent = Vec::new();
    for _ in 0..500 {
        let (event, payload) = command.new_tree(&mut runner).unwrap().current();
        sent.push((event, socket.emit_text(event, &payload).await));
    }
    for (event, id) in &sent {
        assert_is_ack(event, &socket.ack(*id).await);
    }
    // Commands are handled in order, so no second ack can come behind this one.
    socket.done("conversation:list", &json!({})).await;
    for (event, id) in &sent {
        assert_eq!(socket.acked(*id), 1, "acks of {event}");
    }
    drop(socket);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_socket_sends_at_once_gets_its_seq_in_order() {
    let server = Server::start().await;
    let (ana, bia) = (server.person().await, server.person().await);
    let conversation = ana.converse("group", &[&bia]).await;
    let mut sockets = [Socket::ready(&ana).await, Socket::ready(&bia).await];
    let mut sent = [Vec::new(), Vec::new()];
    for number in 0..200 {
        for (socket, sent) in sockets.iter_mut().zip(&mut sent) {
            sent.push(socket.emit("message:send", &order(&conversation, &number.to_string())).await);
        }
    }
    let mut all = Vec::new();
    for (socket, sent) in sockets.iter_mut().zip(&sent) {
        let mut last = 0;
        for (number, id) in sent.iter().enumerate() {
            let message = &socket.ack(*id).await[0]["data"]["message"];
            assert_eq!(message["body"], number.to_string());
            let seq = message["seq"].as_u64().unwrap();
            assert!(seq > last, "{number} got {seq} after {last}");
            last = seq;
            all.push(seq);
        }
    }
    all.sort_unstable();
    assert_eq!(all, (1..=400).collect::<Vec<u64>>(), "no hole, no double");
    drop(sockets);
    server.stop().await;
}

/// Two people change a conversation in every way at once; a third one hears each change once, in the order of its
/// `rev`, without a hole.
#[tokio::test(flavor = "multi_thread")]
async fn facts_come_in_the_order_of_their_rev() {
    let server = Server::start().await;
    let (ana, bia, caio) = (server.person().await, server.person().await, server.person().await);
    let conversation = ana.converse("group", &[&bia, &caio]).await;
    let mut listener = Socket::ready(&caio).await;

    let change = async |person, by: &'static str| {
        let mut socket = Socket::ready(person).await;
        let mut pending = Vec::new();
        for round in 0..25 {
            let said = socket.done("message:send", &order(&conversation, &format!("{by} {round}"))).await;
            let id = &said["message"]["id"];
            for (event, payload) in [
                ("message:react", json!({ "messageId": id, "emoji": "👍", "on": true })),
                ("message:edit", json!({ "messageId": id, "body": "better" })),
                ("message:react", json!({ "messageId": id, "emoji": "👍", "on": false })),
                ("message:delete", json!({ "messageId": id })),
            ] {
                pending.push(socket.emit(event, &payload).await);
            }
        }
        for id in pending {
            assert_eq!(socket.ack(id).await[0]["ok"], true);
        }
    };
    let rename = async || {
        for round in 0..10 {
            let title = json!({ "title": format!("title {round}") });
            let path = format!("/api/v1/conversations/{conversation}");
            crate::support::person::send(ana.request(reqwest::Method::PATCH, &path).json(&title))
                .await
                .good();
        }
    };
    tokio::join!(change(&ana, "ana"), change(&bia, "bia"), rename());

    let path = format!("/api/v1/conversations/{conversation}");
    let last = ana.get(&path).await.good()["conversation"]["rev"].as_u64().unwrap();
    assert_eq!(last, 2 * 25 * 5 + 10, "each change takes one rev");
    let mut told = Vec::new();
    while told.last() != Some(&last) {
        let (event, fact) = listener.any_event().await;
        let rev = match event.as_str() {
            "message:created" | "message:updated" => &fact["message"]["rev"],
            "conversation:updated" => &fact["conversation"]["rev"],
            _ => continue,
        };
        told.push(rev.as_u64().unwrap());
    }
    assert_eq!(told, (1..=last).collect::<Vec<u64>>());
    drop(listener);
    server.stop().await;
}
