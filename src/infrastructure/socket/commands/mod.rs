//! Commands: client → server, each with one ack. One file an event family.

mod conversations;
mod messages;
mod presence;
mod sync;
pub mod tutorial;

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use socketioxide::{
    adapter::LocalAdapter,
    extract::{AckSender, SocketRef},
    handler::{FromMessageParts, MessageHandler, Value},
    socket::Socket,
};

use tokio::sync::Semaphore;

use super::{
    acks,
    inbox::{Inbox, Job, Room},
};
use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{decode, events},
        gateways::{rooms::Rooms, socket_publisher::cut_off},
    },
    domain::{
        entities::actor::Actor,
        error::{DomainError, Result},
        interfaces::id_generator::IdGenerator,
    },
};

/// What every command needs.
pub struct Shared {
    pub controllers: SharedControllers,
    pub rooms: Arc<Rooms>,
    /// See [`SocketServer::crowd`](super::server::SocketServer::crowd).
    pub crowd: Arc<Semaphore>,
    pub ids: Arc<dyn IdGenerator>,
}

/// Takes the events of one socket, in the order in which they come, and puts them into its inbox.
pub struct Entrance {
    pub shared: Arc<Shared>,
    pub inbox: Arc<Inbox>,
    pub actor: Actor,
}

/// Tells the library's handler trait apart from its implementation for closures.
pub struct ByEntrance;

impl MessageHandler<LocalAdapter, ByEntrance> for Entrance {
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, mut packet: Value, ack_id: Option<i64>) {
        let Ok(ack) = AckSender::from_message_parts(&socket, &mut packet, &ack_id);
        let text = match packet {
            Value::Str(text, _) => text.to_string(),
            // Only the msgpack parser gives bytes, and it is not in use.
            Value::Bytes(_) => String::new(),
        };
        let command = Command {
            shared: Arc::clone(&self.shared),
            socket: SocketRef::from(socket),
            ack,
            actor: self.actor,
            arguments: Arguments::parse(text),
            started: Instant::now(),
        };
        let size = command.arguments.text.len();
        match self.inbox.room(size) {
            Room::ForWork => {}
            Room::ForRefusal => {
                return self.inbox.push(Job { size: 0, pipelined: false, work: command.refuse() });
            }
            Room::None => return cut_off(&command.socket),
        }
        let pipelined =
            matches!(command.arguments.event.as_str(), events::MESSAGE_SEND | events::TUTORIAL_MESSAGE)
                && !has_files(&command.arguments.text);
        self.inbox.push(Job { size, pipelined, work: command.run() });
    }
}

/// Whether a send may have files: those are claimed first, so that it cannot be queued at once. In a body the quotes
/// would have backslashes before them.
fn has_files(text: &str) -> bool {
    text.find("\"attachmentIds\"").is_some_and(|at| {
        let value = text[at + "\"attachmentIds\"".len()..].trim_start_matches([' ', '\t', '\r', '\n', ':']);
        let inside = value.strip_prefix('[').map(str::trim_start);
        inside.is_some_and(|inside| !inside.starts_with(']'))
    })
}

/// The event's name and the JSON text of the whole packet, `["event", …]`.
struct Arguments {
    event: String,
    text: String,
}

impl Arguments {
    fn parse(text: String) -> Self {
        let event = serde_json::from_str::<Vec<&RawValue>>(&text)
            .ok()
            .and_then(|parts| serde_json::from_str(parts.first()?.get()).ok())
            .unwrap_or_default();
        Self { event, text }
    }

    /// The argument at this place, counted from 0 behind the event's name.
    fn get(&self, place: usize) -> Option<&RawValue> {
        serde_json::from_str::<Vec<&RawValue>>(&self.text).ok()?.get(place + 1).copied()
    }
}

/// One command on its way to its ack.
pub struct Command {
    shared: Arc<Shared>,
    socket: SocketRef,
    ack: AckSender,
    actor: Actor,
    arguments: Arguments,
    started: Instant,
}

impl Command {
    fn run(self) -> BoxFuture<'static, ()> {
        match self.arguments.event.as_str() {
            events::MESSAGE_SEND => messages::send(self),
            events::MESSAGE_EDIT => messages::edit(self),
            events::MESSAGE_DELETE => messages::delete(self),
            events::MESSAGE_REACT => messages::react(self),
            events::MESSAGE_LIST => messages::list(self),
            events::CONVERSATION_LIST => conversations::list(self),
            events::CONVERSATION_CREATE => conversations::create(self),
            events::CONVERSATION_JOIN => conversations::join(self),
            events::CONVERSATION_LEAVE => conversations::leave(self),
            events::CONVERSATION_MARK_READ => conversations::mark_read(self),
            events::SYNC => sync::sync(self),
            events::PRESENCE_WATCH => presence::watch(self),
            events::TYPING_SET => presence::set_typing(self),
            events::TUTORIAL_MESSAGE => tutorial::send(self),
            _ => Box::pin(async move { self.finish(&Err::<(), _>(DomainError::UnknownEvent)).await }),
        }
    }

    /// Answers that this was too much, when its turn comes; the payload is dropped now.
    fn refuse(mut self) -> BoxFuture<'static, ()> {
        self.arguments.text = String::new();
        Box::pin(async move {
            let retry_after = Duration::from_secs(1);
            self.finish(&Err::<(), _>(DomainError::RateLimited { retry_after })).await;
        })
    }

    /// Reads the payload, does the work, sends the ack.
    fn with<I, O, F, W>(self, work: W) -> BoxFuture<'static, ()>
    where
        I: DeserializeOwned + Send,
        O: Serialize + Send + Sync,
        F: Future<Output = Result<O>> + Send,
        W: FnOnce(Arc<Shared>, SocketRef, Actor, I) -> F + Send + 'static,
    {
        Box::pin(async move {
            let outcome = match self.payload::<I>() {
                Ok(input) => {
                    let work = work(Arc::clone(&self.shared), self.socket.clone(), self.actor, input);
                    // A panic must not swallow the ack.
                    let work = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(work));
                    work.await.unwrap_or_else(|_| Err(DomainError::internal("the command panicked")))
                }
                Err(error) => Err(error),
            };
            self.finish(&outcome).await;
        })
    }

    fn payload<I: DeserializeOwned>(&self) -> Result<I> {
        let text = self.arguments.get(0).map_or("null", RawValue::get);
        decode::json(text.as_bytes()).map_err(acks::unreadable)
    }

    async fn finish<T: Serialize + Sync>(self, outcome: &Result<T>) {
        let event = self.event();
        self.measure(event, outcome.as_ref().err().map_or("ok", DomainError::code));
        acks::wait_for_room(&self.socket).await;
        acks::answer(&self.socket, self.ack, outcome, event, self.shared.ids.as_ref());
    }

    /// The event's name out of the known ones, so that a client cannot invent series of metrics.
    fn event(&self) -> &'static str {
        let known = events::COMMANDS.iter().chain([&events::TUTORIAL_MESSAGE]);
        known.copied().find(|event| *event == self.arguments.event).unwrap_or("unknown")
    }

    fn measure(&self, event: &'static str, outcome: &'static str) {
        metrics::counter!("chatconnect_commands_total", "event" => event, "outcome" => outcome).increment(1);
        metrics::histogram!("chatconnect_command_duration_seconds", "event" => event)
            .record(self.started.elapsed());
    }
}
