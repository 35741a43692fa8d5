//! Facts are put between the library's own frames.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;

use crate::support::{server::Server, socket::Socket, uuid};

const MESSAGES: u64 = 200;
const PAGES: usize = 12;

/// What waits is many times what the kernel holds for a connection, and is written in pieces.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_late_gets_every_frame_whole_and_in_order() {
    let server = Server::start().await;
    let (ana, bia) = (server.person().await, server.person().await);
    let conversation = ana.converse("group", &[&bia]).await;
    let mut reader = Socket::ready(&ana).await;
    let mut writer = Socket::ready(&bia).await;
    let body = "x".repeat(8_000);
    let mut pages = Vec::new();
    for number in 0..MESSAGES {
        let order = json!({ "conversationId": conversation, "clientId": uuid(), "body": body });
        writer.done("message:send", &order).await;
        if number % (MESSAGES / PAGES as u64) == 0 {
            // Long answers, which the reader does not take yet either.
            let page = json!({ "conversationId": conversation, "limit": 200 });
            pages.push(reader.emit("message:list", &page).await);
        }
    }
    for page in &pages {
        assert_eq!(reader.ack(*page).await[0]["ok"], true);
        assert_eq!(reader.acked(*page), 1);
    }
    for seq in 1..=MESSAGES {
        let fact = reader.event("message:created").await;
        assert_eq!(fact["message"]["seq"], seq);
        assert_eq!(fact["message"]["body"], body);
    }
    drop((reader, writer));
    server.stop().await;
}

/// Facts go the short way only behind what the library was given first.
#[tokio::test(flavor = "multi_thread")]
async fn session_ready_comes_first_also_where_much_is_said() {
    let server = Server::start().await;
    let (ana, bia) = (server.person().await, server.person().await);
    let conversation = ana.converse("group", &[&bia]).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut writer = Socket::ready(&bia).await;
    let writing = {
        let done = Arc::clone(&done);
        tokio::spawn(async move {
            let mut sent = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let order = json!({ "conversationId": conversation, "clientId": uuid(), "body": "on" });
                sent.push(writer.emit("message:send", &order).await);
                // So many are always under way.
                if let Some(early) = sent.len().checked_sub(30) {
                    writer.ack(sent[early]).await;
                }
            }
        })
    };
    for _ in 0..200 {
        let mut reader = Socket::connect(&ana).await;
        assert_eq!(reader.any_event().await.0, "session:ready");
        let first = reader.event("message:created").await["message"]["seq"].as_u64().unwrap();
        for seq in first + 1..first + 5 {
            assert_eq!(reader.event("message:created").await["message"]["seq"], seq, "from {first} on");
        }
    }
    done.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    server.stop().await;
}
