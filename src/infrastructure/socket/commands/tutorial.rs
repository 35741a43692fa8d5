//! `chat message`: the client of the official Socket.IO tutorial, over the same use cases.

use futures_util::future::BoxFuture;
use serde::{Serialize, Serializer, ser::SerializeTuple};
use socketioxide::extract::SocketRef;
use uuid::Uuid;

use super::{Command, Shared};
use crate::{
    adapters::{
        dto::{
            commands::{ListMessages, SendMessage},
            events,
        },
        gateways::tutorial,
    },
    domain::{
        entities::actor::Actor,
        error::{DomainError, Result},
    },
    infrastructure::socket::acks,
};

/// `(body, clientOffset?, ack?)` is a send to `general`; the ack has no arguments.
pub fn send(command: Command) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let outcome = say(&command).await;
        match outcome {
            Ok(()) => {
                command.measure(events::TUTORIAL_MESSAGE, "ok");
                acks::wait_for_room(&command.socket).await;
                let sent = command.ack.send(&NoArguments);
                acks::sent_or_cut(&command.socket, sent, events::TUTORIAL_MESSAGE);
            }
            Err(error) => command.finish(&Err::<(), _>(error)).await,
        }
    })
}

/// An ack without arguments; the unit would be one argument, `null`.
struct NoArguments;

impl Serialize for NoArguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_tuple(0)?.end()
    }
}

async fn say(command: &Command) -> Result<()> {
    let body: String = argument(command, 0)?;
    let offset: Option<String> = argument(command, 1)?;
    let general = general(&command.shared).await?;
    // The tutorial's offsets are no UUIDs, but one of each sender's is always the same UUID (RFC 9562, version 5).
    let client_id = match offset {
        Some(offset) => Uuid::new_v5(&command.actor.user.as_uuid(), offset.as_bytes()),
        None => command.shared.ids.next(),
    };
    let input = SendMessage {
        conversation_id: general,
        client_id: client_id.to_string(),
        body,
        reply_to: None,
        attachment_ids: None,
    };
    // Whoever speaks the dialect hears it, from this message on.
    let new = tutorial::begin(&command.socket, 0);
    let sent = command.shared.controllers.messages.send(command.actor, input).await;
    if new {
        match &sent {
            Ok((sent, _)) => {
                tutorial::skip(&command.socket, sent.message.seq.saturating_sub(1));
                tutorial::catch_up(&command.socket, sent.message.seq, &sent.message.body);
                tutorial::caught_up(&command.socket);
            }
            Err(_) => tutorial::end(&command.socket),
        }
    }
    sent.map(drop)
}

fn argument<T: serde::de::DeserializeOwned>(command: &Command, place: usize) -> Result<T> {
    let text = command.arguments.get(place).map_or("null", serde_json::value::RawValue::get);
    serde_json::from_str(text).map_err(|_| DomainError::InvalidPayload(Vec::new()))
}

async fn general(shared: &Shared) -> Result<String> {
    let id = shared.controllers.conversations.list.general().await?;
    id.map(|id| id.to_string()).ok_or(DomainError::NotFound("conversation"))
}

/// Brings a socket that connected with `auth.serverOffset` up to date, and keeps it so.
///
/// # Errors
/// What reading the history may answer; the socket then hears nothing in the dialect.
pub async fn recover(shared: &Shared, socket: &SocketRef, actor: Actor, offset: u64) -> Result<()> {
    if !tutorial::begin(socket, offset) {
        return Ok(());
    }
    let recovered = catch_up(shared, socket, actor, offset).await;
    match &recovered {
        Ok(()) => tutorial::caught_up(socket),
        Err(_) => tutorial::end(socket),
    }
    recovered
}

async fn catch_up(shared: &Shared, socket: &SocketRef, actor: Actor, offset: u64) -> Result<()> {
    let conversation_id = general(shared).await?;
    let mut after = offset;
    loop {
        let input = ListMessages {
            conversation_id: conversation_id.clone(),
            before: None,
            after: Some(after),
            since: None,
            limit: Some(200),
        };
        let page = shared.controllers.messages.list(actor, input).await?;
        for message in page.messages.iter().filter(|message| message.deleted_at.is_none()) {
            tutorial::catch_up(socket, message.seq, &message.body);
        }
        after = page.messages.last().map_or(after, |message| message.seq);
        if !page.has_more || !socket.connected() {
            return Ok(());
        }
        // A long history goes out at the pace at which it is read.
        acks::wait_for_room(socket).await;
    }
}
