//! A socket lives no longer than the session that opened it.

use serde_json::json;

use crate::support::{
    server::Server,
    socket::{Packet, Socket},
    within,
};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_connects_without_a_session() {
    let server = Server::start().await;
    let ana = server.person().await;
    for cookie in ["", "connect.sid=AAAAAAAAAAAAAAAAAAAAAA", "connect.sid=", "other=1"] {
        let nobody = ana.with_cookie(cookie);
        let mut socket = Socket::open(&nobody).await;
        socket.send("40").await;
        assert_eq!(
            socket.packet().await,
            Packet::Refused(json!({ "message": "unauthenticated" })),
            "{cookie}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_before_the_socket_connects_is_refused() {
    let server = Server::start().await;
    let ana = server.person().await;
    let mut socket = Socket::open(&ana).await;
    assert_eq!(ana.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    socket.send("40").await;
    assert_eq!(socket.packet().await, Packet::Refused(json!({ "message": "unauthenticated" })));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_closes_the_sockets_of_that_session_only() {
    let server = Server::start().await;
    let ana = server.person().await;
    let phone = ana.log_in().await;
    let (mut here, mut there) = (Socket::ready(&ana).await, Socket::ready(&phone).await);
    assert_eq!(ana.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    within("the socket is closed", here.closed()).await;
    there.done("conversation:list", &json!({})).await;
    server.stop().await;
}

/// The session ends at any moment between the handshake and the last room. Whatever the moment is, the socket does
/// not outlive it.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_while_the_socket_enters_its_rooms_takes_it_along() {
    let server = Server::start().await;
    let ana = server.person().await;
    for _ in 0..100 {
        let phone = ana.log_in().await;
        let mut socket = Socket::open(&phone).await;
        let nothing = json!({});
        let (_, answer) = tokio::join!(socket.send("40"), phone.post("/api/v1/auth/logout", &nothing));
        assert_eq!(answer.status, 204);
        let end = async {
            loop {
                match socket.packet().await {
                    Packet::Closed | Packet::Refused(_) => return,
                    Packet::Connected | Packet::Event(..) | Packet::Ack(..) => {}
                }
            }
        };
        within("the socket ends with its session", end).await;
    }
    server.stop().await;
}
