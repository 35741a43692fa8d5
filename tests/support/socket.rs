//! A Socket.IO 5 client over a bare WebSocket (Engine.IO 4): every packet is seen, nothing is tidied up.

use std::collections::HashMap;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{person::Person, within};

#[derive(Debug, Clone, PartialEq)]
pub enum Packet {
    Connected,
    Refused(Value),
    /// An event's name and its arguments.
    Event(String, Vec<Value>),
    Ack(u64, Vec<Value>),
    /// The namespace said good-bye, or the connection ended.
    Closed,
}

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Events in the order in which they came, those before `seen` were handed out.
    events: Vec<(String, Value)>,
    seen: usize,
    /// Every ack that came, so that a second one is noticed.
    acks: HashMap<u64, Vec<Vec<Value>>>,
    last_ack: u64,
}

impl Socket {
    /// Connected to the root namespace, and told so; whatever else comes is still to be read.
    pub async fn connect(person: &Person) -> Self {
        let mut socket = Self::open(person).await;
        socket.send("40").await;
        match socket.packet().await {
            Packet::Connected => socket,
            other => panic!("not connected: {other:?}"),
        }
    }

    /// Connected, and in all its rooms: facts that are caused from now on will come.
    pub async fn ready(person: &Person) -> Self {
        let mut socket = Self::connect(person).await;
        // Commands are answered only after the socket has entered its rooms.
        socket.ask("conversation:list", &Value::Object(serde_json::Map::new())).await;
        socket
    }

    /// The Engine.IO handshake only.
    pub async fn open(person: &Person) -> Self {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", person.address());
        let mut request = url.into_client_request().unwrap();
        if !person.cookie.is_empty() {
            request.headers_mut().insert("cookie", person.cookie.parse().unwrap());
        }
        let (stream, _) = within("a WebSocket", connect_async(request)).await.unwrap();
        let mut socket = Self { stream, events: Vec::new(), seen: 0, acks: HashMap::new(), last_ack: 0 };
        let open = socket.text().await.expect("an open packet");
        assert!(open.starts_with('0'), "{open}");
        socket
    }

    /// Sends an Engine.IO packet as it is.
    pub async fn send(&mut self, text: impl Into<String>) {
        // A connection that is gone is noticed when it is read.
        drop(self.stream.send(Message::text(text.into())).await);
    }

    /// The id of the next ack.
    pub fn next_ack(&mut self) -> u64 {
        self.last_ack += 1;
        self.last_ack
    }

    /// Emits an event that asks for an ack, with its arguments as JSON text. Answers the ack's id.
    pub async fn emit_text(&mut self, event: &str, arguments: &str) -> u64 {
        let ack = self.next_ack();
        let comma = if arguments.is_empty() { "" } else { "," };
        self.send(format!("42{ack}[{}{comma}{arguments}]", Value::from(event))).await;
        ack
    }

    pub async fn emit(&mut self, event: &str, payload: &Value) -> u64 {
        self.emit_text(event, &payload.to_string()).await
    }

    /// The arguments of an ack.
    ///
    /// # Panics
    /// When the connection ends first.
    pub async fn ack(&mut self, id: u64) -> Vec<Value> {
        while !self.acks.contains_key(&id) {
            assert_ne!(self.packet().await, Packet::Closed, "the connection ended before ack {id}");
        }
        self.acks[&id][0].clone()
    }

    /// How often an ack came so far.
    pub fn acked(&self, id: u64) -> usize {
        self.acks.get(&id).map_or(0, Vec::len)
    }

    /// Emits a command and answers its ack's one argument.
    pub async fn ask(&mut self, event: &str, payload: &Value) -> Value {
        let id = self.emit(event, payload).await;
        let arguments = self.ack(id).await;
        assert_eq!(arguments.len(), 1, "{event}: {arguments:?}");
        arguments.into_iter().next().unwrap_or_default()
    }

    /// The `data` of a command that must be done.
    pub async fn done(&mut self, event: &str, payload: &Value) -> Value {
        let mut ack = self.ask(event, payload).await;
        assert_eq!(ack["ok"], true, "{event}: {ack}");
        ack["data"].take()
    }

    /// The next event of this name; others before it are skipped.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let (event, payload) = self.any_event().await;
            if event == name {
                return payload;
            }
        }
    }

    /// The next event and its first argument.
    ///
    /// # Panics
    /// When the connection ends first.
    pub async fn any_event(&mut self) -> (String, Value) {
        while self.seen == self.events.len() {
            assert_ne!(self.packet().await, Packet::Closed, "the connection ended before another event");
        }
        self.seen += 1;
        self.events[self.seen - 1].clone()
    }

    /// Reads until the server ends the connection.
    pub async fn closed(&mut self) {
        within("the connection ends", async { while self.packet().await != Packet::Closed {} }).await;
    }

    /// The next packet.
    pub async fn packet(&mut self) -> Packet {
        let Some(text) = self.text().await else { return Packet::Closed };
        let packet = parse(&text);
        match &packet {
            Packet::Event(name, arguments) => {
                self.events.push((name.clone(), arguments.first().cloned().unwrap_or_default()));
            }
            Packet::Ack(id, arguments) => self.acks.entry(*id).or_default().push(arguments.clone()),
            Packet::Connected | Packet::Refused(_) | Packet::Closed => {}
        }
        packet
    }

    /// The next Engine.IO packet but pings, which are answered.
    async fn text(&mut self) -> Option<String> {
        // Pings must not put the end of the patience off.
        let work = async {
            loop {
                match self.stream.next().await? {
                    Ok(Message::Text(text)) if text.as_str() == "2" => self.send("3").await,
                    Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                    Ok(Message::Close(_)) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        within("a packet", work).await
    }
}

/// # Panics
/// When it is no packet that a server may send.
fn parse(text: &str) -> Packet {
    let (kind, rest) = text.split_at_checked(2).unwrap_or((text, ""));
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (id, data) = rest.split_at(digits);
    let list = || -> Vec<Value> { serde_json::from_str(data).unwrap_or_else(|e| panic!("{e}: {text}")) };
    match kind {
        "40" => Packet::Connected,
        "41" | "1" => Packet::Closed,
        "44" => Packet::Refused(serde_json::from_str(data).unwrap()),
        "43" => Packet::Ack(id.parse().unwrap(), list()),
        "42" => {
            let mut list = list();
            let name = list.remove(0).as_str().unwrap().to_owned();
            Packet::Event(name, list)
        }
        _ => panic!("an odd packet: {text}"),
    }
}
