//! Our Socket.IO layer with the handlers that the official protocol suite expects. For tests only.
//!
//! `auth` tells what the handshake brought, `message` comes back as `message-back`, `message-with-ack` is acked with
//! its arguments. Pings every 300 ms, 200 ms to answer, one megabyte a packet.

use std::{fmt, io, sync::Arc, time::Duration};

use chatconnect::{
    config::socket::SocketConfig,
    infrastructure::{
        socket::server,
        webserver::connection::{Listener, Peer},
    },
};
use rmpv::Value as Argument;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
    ser::SerializeTuple,
};
use socketioxide::{
    adapter::LocalAdapter,
    extract::{AckSender, SocketRef, TryData},
    handler::{FromMessageParts, MessageHandler, Value},
    socket::Socket,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

const CONFIG: SocketConfig = SocketConfig {
    ping_interval_ms: 300,
    ping_timeout_ms: 200,
    socket_max_payload: 1_000_000,
    socket_buffer: 1024,
    socket_arrivals: 32,
    socket_pending: 1024,
};

/// All arguments of an event, however many.
struct Arguments(Vec<Argument>);

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|argument| tuple.serialize_element(argument))?;
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Arguments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("arguments")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Arguments, A::Error> {
                let mut arguments = Vec::new();
                while let Some(argument) = sequence.next_element()? {
                    arguments.push(argument);
                }
                Ok(Arguments(arguments))
            }
        }
        deserializer.deserialize_tuple(16, All)
    }
}

/// What an event is answered with.
#[derive(Clone, Copy)]
enum Echo {
    Event(&'static str),
    Ack,
}

struct ByEcho;

impl MessageHandler<LocalAdapter, ByEcho> for Echo {
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, mut packet: Value, ack_id: Option<i64>) {
        let Ok(ack) = AckSender::from_message_parts(&socket, &mut packet, &ack_id);
        let Ok(TryData(arguments)) = TryData::<Arguments>::from_message_parts(&socket, &mut packet, &ack_id);
        let arguments = arguments.expect("the suite sends what can be read");
        match self {
            Self::Event(event) => socket.emit(event, &arguments),
            Self::Ack => ack.send(&arguments),
        }
        .expect("the suite reads what it is sent");
    }
}

async fn connected(socket: SocketRef, TryData(auth): TryData<serde_json::Value>) {
    let auth = auth.unwrap_or_default();
    socket.emit("auth", &auth).expect("the suite reads what it is sent");
}

async fn admit(socket: SocketRef) -> Result<(), std::convert::Infallible> {
    socket.on::<_, ByEcho>("message", Echo::Event("message-back"));
    socket.on::<_, ByEcho>("message-with-ack", Echo::Ack);
    Ok(())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    use socketioxide::handler::ConnectHandler;
    let (layer, io) = server::layer(&CONFIG);
    io.ns("/", connected.with(admit));
    io.ns("/custom", connected.with(admit));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let router = axum::Router::new().layer(layer).into_make_service_with_connect_info::<Peer>();
    let mut terminate = signal(SignalKind::terminate())?;
    axum::serve(Listener::new(listener, Duration::from_secs(5), 0), router)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
            server::close(&io, Duration::from_secs(3)).await;
        })
        .await
}
