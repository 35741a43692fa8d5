//! Answers to commands.

use std::time::Duration;

use serde::Serialize;
use socketioxide::{
    SendError, SocketError,
    extract::{AckSender, SocketRef},
};

use crate::{
    adapters::{
        dto::{decode::DecodeError, errors::ErrorBody},
        gateways::socket_publisher::{cut_off, is_full},
    },
    domain::{error::DomainError, interfaces::id_generator::IdGenerator},
};

/// `{ok: true, data}` or `{ok: false, error}`.
#[derive(Serialize)]
#[serde(untagged)]
enum Ack<T> {
    Done { ok: bool, data: T },
    Refused { ok: bool, error: ErrorBody },
}

/// What cannot be read is one error on a socket, whether it is no JSON or JSON of another shape.
pub fn unreadable(error: DecodeError) -> DomainError {
    match error {
        DecodeError::Syntax => DomainError::InvalidPayload(Vec::new()),
        DecodeError::Shape(fields) => DomainError::InvalidPayload(fields),
    }
}

/// Waits until the socket can take an answer, while it reads what it was told before. After two seconds it counts as
/// one that does not.
pub async fn wait_for_room(socket: &SocketRef) {
    for _ in 0..400 {
        if !is_full(socket) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Sends the one ack of a command. Does nothing when the client did not ask for it.
pub fn answer<T: Serialize>(
    socket: &SocketRef,
    ack: AckSender,
    outcome: &Result<T, DomainError>,
    event: &str,
    ids: &dyn IdGenerator,
) {
    let sent = match outcome {
        Ok(data) => ack.send(&Ack::Done { ok: true, data }),
        Err(error) => ack.send(&Ack::<&T>::Refused { ok: false, error: refused(error, event, ids) }),
    };
    sent_or_cut(socket, sent, event);
}

/// A socket that cannot take its answer is cut off.
pub fn sent_or_cut(socket: &SocketRef, sent: Result<(), SendError>, event: &str) {
    match sent {
        Ok(()) | Err(SendError::Socket(SocketError::Closed)) => {}
        Err(SendError::Socket(SocketError::InternalChannelFull)) => cut_off(socket),
        Err(SendError::Serialize(error)) => tracing::error!(event, %error, "an answer could not be written"),
    }
}

/// The error as the client sees it; its cause goes to the log under the same id.
pub fn refused(error: &DomainError, event: &str, ids: &dyn IdGenerator) -> ErrorBody {
    let request_id = ids.next().simple().to_string();
    match error.cause() {
        Some(cause) => tracing::error!(request_id, event, code = error.code(), %cause, "the command failed"),
        None => tracing::debug!(request_id, event, code = error.code(), "the command was refused"),
    }
    ErrorBody::new(error, request_id)
}
