//! Whatever the payload of a command is, it gets exactly one ack of the one shape, and the connection goes on.

use std::cell::RefCell;

use chatconnect::adapters::dto::events::{COMMANDS, TUTORIAL_MESSAGE};
use proptest::{collection, prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::support::{
    payloads::{Known, config, json_text},
    person::Person,
    runtime,
    server::Server,
    socket::Socket,
};

/// # Panics
/// When it is no ack of a command.
pub fn assert_is_ack(event: &str, arguments: &[Value]) {
    if event == TUTORIAL_MESSAGE && arguments.is_empty() {
        return;
    }
    let [ack] = arguments else { panic!("{event}: {arguments:?}") };
    let mut names: Vec<&String> = ack.as_object().expect("an object").keys().collect();
    names.sort();
    match ack["ok"].as_bool() {
        Some(true) => assert!(ack["data"].is_object() && names == ["data", "ok"], "{event}: {ack}"),
        Some(false) => {
            assert_eq!(names, ["error", "ok"], "{event}: {ack}");
            assert_is_error(event, &ack["error"]);
        }
        None => panic!("{event}: {ack}"),
    }
}

fn assert_is_error(event: &str, error: &Value) {
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    assert!(!text("title").is_empty() && !text("requestId").is_empty(), "{event}: {error}");
    let code = text("code");
    let stable = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    assert!(!code.is_empty() && code.chars().all(stable), "{event}: {error}");
    // A client's payload is never the server's fault, and nothing here is slow or too much.
    assert!(!["internal", "unavailable", "rate_limited"].contains(&code), "{event}: {error}");
    let is_known = COMMANDS.contains(&event) || event == TUTORIAL_MESSAGE;
    assert_eq!(code == "unknown_event", !is_known, "{event}: {error}");
    for name in error.as_object().unwrap().keys() {
        let allowed = ["code", "title", "fields", "retryAfterMs", "requestId"];
        assert!(allowed.contains(&name.as_str()), "{event}: {error}");
    }
}

struct Scene {
    server: Server,
    ana: Person,
    bia: Person,
}

async fn scene() -> Scene {
    let server = Server::start().await;
    let (ana, bia) = (server.person().await, server.person().await);
    Scene { server, ana, bia }
}

/// One command whose answer is known, on the same connection and behind the last one.
async fn assert_goes_on(socket: &mut Socket, ana: &Person) {
    let data = socket.done("presence:watch", &json!({ "userIds": [ana.id] })).await;
    assert_eq!(data["presence"][0]["userId"], json!(ana.id));
}

fn property(events: &[&str], cases: u32) {
    let runtime = runtime();
    let Scene { server, ana, bia } = runtime.block_on(scene());
    let socket = RefCell::new(runtime.block_on(Socket::ready(&ana)));
    for event in events {
        // Anew for each event, because some of them delete things.
        let known = runtime.block_on(Known::new(&ana, &bia));
        let arguments = prop_oneof![
            1 => Just(String::new()),
            8 => json_text(&known),
            3 => collection::vec(json_text(&known), 2..5).prop_map(|texts| texts.join(",")),
        ];
        let outcome = TestRunner::new(config(cases)).run(&arguments, |arguments| {
            let mut socket = socket.borrow_mut();
            runtime.block_on(async {
                let id = socket.emit_text(event, &arguments).await;
                let ack = socket.ack(id).await;
                assert_is_ack(event, &ack);
                assert_goes_on(&mut socket, &ana).await;
                assert_eq!(socket.acked(id), 1, "acks of one command");
            });
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{event}: {error}"));
    }
    let mut socket = socket.into_inner();
    runtime.block_on(async {
        let id = ana.converse("channel", &[]).await;
        let order = json!({ "conversationId": id, "clientId": crate::support::uuid(), "body": "still here" });
        socket.done("message:send", &order).await;
        assert_eq!(ana.history(&id).await.len(), 1);
        drop(socket);
        server.stop().await;
    });
}

#[test]
fn every_command_answers_any_payload_once() {
    property(COMMANDS, 32);
}

#[test]
fn the_tutorials_event_answers_any_payload_once() {
    property(&[TUTORIAL_MESSAGE], 64);
}

#[test]
fn unknown_events_are_answered_once() {
    property(&["", " ", "message:send ", "connect", "disconnect", "error", "session:ready", "é 😀"], 8);
    // What JSON must escape.
    property(&["a\"b", "a\\b", "a\nb", "\u{0}"], 8);
}

/// What the servers of this protocol take for a broken connection, and so close it: a packet that is no JSON, which no
/// client's encoder writes.
#[tokio::test(flavor = "multi_thread")]
async fn packets_that_are_no_json_end_their_connection_only() {
    let Scene { server, ana, .. } = scene().await;
    let mut other = Socket::ready(&ana).await;
    let arguments = ["{", "}", "{}]", "{\"body\":", "nul", "1 2", "\"", "\u{1}", "[}", "'x'", ",", "]["];
    for arguments in arguments {
        let mut socket = Socket::ready(&ana).await;
        socket.emit_text("message:send", arguments).await;
        socket.closed().await;
        assert_goes_on(&mut other, &ana).await;
    }
    for packet in ["7", "4", "49", "42", "42{}", "42[]", "42[7]", "421", "45", "43[]", "\u{7f}"] {
        let mut socket = Socket::ready(&ana).await;
        socket.send(packet).await;
        socket.closed().await;
        assert_goes_on(&mut other, &ana).await;
    }
    drop(other);
    server.stop().await;
}

/// Escapes that encoders of other languages write, or that no encoder writes and JSON allows.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_what_its_escapes_say() {
    let Scene { server, ana, .. } = scene().await;
    let mut socket = Socket::ready(&ana).await;
    for name in
        [r#"ol\u00e1 \"mundo\""#, r"\ud83d\ude00", r"\ud800", r"\udc00\ud800", r"a\/b", r"\u0000", r"\\"]
    {
        let id = socket.next_ack();
        socket.send(format!(r#"42{id}["{name}",{{}}]"#)).await;
        let ack = socket.ack(id).await;
        assert_is_ack(name, &ack);
        assert_goes_on(&mut socket, &ana).await;
        assert_eq!(socket.acked(id), 1, "{name}");
    }
    let id = socket.next_ack();
    socket.send(format!(r#"42{id}["\u0070resence\u003awatch",{{"userIds":["{}"]}}]"#, ana.id)).await;
    assert_eq!(socket.ack(id).await[0]["data"]["presence"][0]["userId"], json!(ana.id));
    drop(socket);
    server.stop().await;
}

/// A command without an ack is done all the same, and nothing is answered.
#[tokio::test(flavor = "multi_thread")]
async fn without_an_ack_nothing_is_answered() {
    let Scene { server, ana, bia } = scene().await;
    let conversation = ana.converse("group", &[&bia]).await;
    let mut socket = Socket::ready(&ana).await;
    let order =
        json!({ "conversationId": conversation, "clientId": crate::support::uuid(), "body": "quiet" });
    socket.send(format!("42[\"message:send\",{order}]")).await;
    socket.send("42[\"message:send\",7]").await;
    assert_eq!(socket.event("message:created").await["message"]["body"], "quiet");
    let first = socket.next_ack();
    socket.send(format!("42{first}[\"typing:set\",{{}}]")).await;
    socket.ack(first).await;
    assert_eq!(
        (0..first + 10).map(|id| socket.acked(id)).sum::<usize>(),
        2,
        "the first list and the last command"
    );
    drop(socket);
    server.stop().await;
}
