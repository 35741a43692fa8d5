//! The whole server while its database is not there: it serves what it can, says what is wrong, and needs nobody's help.

use std::time::{Duration, Instant};

use chatconnect::app::ServeError;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest};

use crate::support::{
    mongod::Mongod,
    person::{Answer, Person},
    server::Server,
    socket::{Packet, Socket},
    uuid, within,
};

/// Nobody waits longer for an answer, whatever the database does.
const PATIENCE: Duration = Duration::from_secs(8);

fn is_unavailable(answer: &Answer) {
    let problem = answer.json();
    assert_eq!(
        (answer.status, problem["code"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("unavailable"))
    );
    assert!(
        problem["retryAfterMs"].as_u64().is_some() && !answer.header("retry-after").is_empty(),
        "{problem}"
    );
}

async fn status(person: &Person, path: &str) -> StatusCode {
    person.get(path).await.status
}

async fn is_ready(person: &Person) {
    within("the server is ready", async {
        while status(person, "/readyz").await != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

async fn is_not_ready(person: &Person) {
    assert_eq!(status(person, "/healthz").await, StatusCode::OK);
    let answer = person.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.json()["title"].as_str().unwrap().contains("database"), "{:?}", answer.json());
}

/// What a WebSocket with this cookie is answered that must not open.
async fn handshake(person: &Person) -> StatusCode {
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", person.address());
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("cookie", person.cookie.parse().unwrap());
    match within("an answer", tokio_tungstenite::connect_async(request)).await {
        Err(tungstenite::Error::Http(answer)) => StatusCode::from_u16(answer.status().as_u16()).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A cookie that was somebody's session, perhaps.
const SOME_COOKIE: &str = "connect.sid=AAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_waits_for_its_database() {
    let mut mongod = Mongod::replica_set().await;
    mongod.kill();
    let start = Instant::now();
    let server = Server::on(&mongod.url("chat")).await;
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    let nobody = Person::stranger(server.address());
    is_not_ready(&nobody).await;
    let account = json!({ "username": "ana", "password": "goiabada com queijo" });
    for path in ["/api/v1/auth/register", "/api/v1/auth/login"] {
        is_unavailable(&nobody.post(path, &account).await);
    }
    // Who this is cannot be known; nobody is signed out for that.
    let somebody = nobody.with_cookie(SOME_COOKIE);
    is_unavailable(&somebody.get("/api/v1/users/me").await);
    assert_eq!(handshake(&somebody).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status(&nobody, "/api/v1/users/me").await, StatusCode::UNAUTHORIZED);

    mongod.restart().await;
    is_ready(&nobody).await;
    let ana = server.person().await;
    Socket::ready(&ana).await;
    assert_eq!(status(&somebody, "/api/v1/users/me").await, StatusCode::UNAUTHORIZED);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_and_cannot_be_used() {
    let mut mongod = Mongod::replica_set().await;
    mongod.kill();
    let server = Server::on(&mongod.url("chat").replace("rs0", "other")).await;
    is_not_ready(&Person::stranger(server.address())).await;
    mongod.restart().await;
    let error = server.failure().await;
    assert!(matches!(error, ServeError::Database(_)));
    assert!(error.to_string().contains("not to \"other\""), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_while_it_waits() {
    let mut mongod = Mongod::replica_set().await;
    mongod.kill();
    let server = Server::on(&mongod.url("chat")).await;
    let start = Instant::now();
    server.stop().await;
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

/// Everything that a socket asks, one after the other, is answered in the time of one; and it stays.
async fn asks_in_vain(socket: &mut Socket, conversation: &str) -> Duration {
    let start = Instant::now();
    let send = json!({ "conversationId": conversation, "clientId": uuid(), "body": "hello" });
    let mut ids = vec![socket.emit("message:send", &send).await];
    for _ in 0..5 {
        ids.push(socket.emit("conversation:list", &json!({})).await);
        ids.push(socket.emit("message:send", &send).await);
    }
    for id in ids {
        let ack = socket.ack(id).await.remove(0);
        assert_eq!(
            (&ack["ok"], &ack["error"]["code"]),
            (&Value::from(false), &Value::from("unavailable")),
            "{ack}"
        );
        assert!(ack["error"]["retryAfterMs"].as_u64().is_some(), "{ack}");
    }
    start.elapsed()
}

async fn an_outage(mongod: &mut Mongod, begin: impl FnOnce(&mut Mongod), end: impl AsyncFnOnce(&mut Mongod)) {
    let server = Server::on(&mongod.url("chat")).await;
    let ana = server.person().await;
    let conversation = ana.converse("group", &[]).await;
    let mut socket = Socket::ready(&ana).await;

    begin(mongod);
    let took = asks_in_vain(&mut socket, &conversation).await;
    println!("everything was refused after {took:?}");
    assert!(took < PATIENCE, "{took:?}");
    is_not_ready(&ana).await;
    // By now it is known, and nobody waits.
    let again = asks_in_vain(&mut socket, &conversation).await;
    println!("and the next time after {again:?}");
    assert!(again < Duration::from_secs(1), "{again:?}");
    is_unavailable(&ana.get("/api/v1/conversations").await);
    is_unavailable(&ana.with_cookie(SOME_COOKIE).get("/api/v1/users/me").await);

    // Who has been here lately is known, and gets as far as being asked to come again.
    let mut late = Socket::open(&ana).await;
    late.send("40").await;
    assert_eq!(late.packet().await, Packet::Refused(json!({ "message": "unavailable" })));

    end(mongod).await;
    let start = Instant::now();
    is_ready(&ana).await;
    println!("ready again after {:?}", start.elapsed());
    let send = json!({ "conversationId": conversation, "clientId": uuid(), "body": "again" });
    socket.done("message:send", &send).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_silent() {
    let mut mongod = Mongod::replica_set().await;
    an_outage(&mut mongod, |mongod| mongod.freeze(), async |mongod| mongod.thaw()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies() {
    let mut mongod = Mongod::replica_set().await;
    an_outage(&mut mongod, Mongod::kill, async |mongod| mongod.restart().await).await;
}

/// Stopping does not wait for a database that does not answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_while_its_database_is_silent() {
    let mongod = Mongod::replica_set().await;
    let server = Server::on(&mongod.url("chat")).await;
    let ana = server.person().await;
    let conversation = ana.converse("group", &[]).await;
    let mut socket = Socket::ready(&ana).await;
    mongod.freeze();
    let send = json!({ "conversationId": conversation, "clientId": uuid(), "body": "hello" });
    socket.emit("message:send", &send).await;
    let start = Instant::now();
    server.stop().await;
    println!("stopped after {:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
