//! The text format of Socket.IO packets (protocol 5, <https://socket.io/docs/v4/socket-io-protocol/>) for socketioxide:
//!
//! ```text
//! <type>[<number of attachments>-][<namespace>,][<ack id>][<JSON>]    and then the attachments, a frame each
//! ```
//!
//! An event's name is taken as it stands between its quotes, so that one which JSON escapes ends no connection: it
//! equals no name that a handler waits for, and goes to the fallback handler.

mod packet;
mod placeholders;
mod read;
mod write;

use std::{
    collections::VecDeque,
    sync::{MutexGuard, PoisonError, atomic::Ordering},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::Error as _};
use socketioxide_core::{
    Str, Value,
    packet::{Packet, PacketData},
    parser::{Parse, ParseConfig, ParseError, ParserError, ParserState, PartialBinPacket},
};

/// Reads and writes packets as text, and binary arguments as attachments to it.
#[derive(Debug, Default, Clone, Copy)]
pub struct CommonParser;

impl Parse for CommonParser {
    fn encode(self, packet: Packet) -> Value {
        packet::encode(packet)
    }

    fn decode_str(self, config: &ParseConfig, state: &ParserState, data: Str) -> Result<Packet, ParseError> {
        let mut waiting = waiting(state);
        if waiting.is_some() {
            // Its attachments had to come first.
            return Err(ParseError::UnexpectedStringPacket);
        }
        let (packet, attachments) = packet::decode(&data)?;
        if attachments > config.max_incoming_binaries {
            let max = config.max_incoming_binaries;
            return Err(ParseError::TooManyAttachments { got: attachments, max });
        }
        if attachments == 0 {
            return Ok(packet);
        }
        *waiting = Some(PartialBinPacket::new(packet));
        state.incoming_binary_cnt.store(attachments, Ordering::Release);
        Err(ParseError::NeedsMoreBinaryData)
    }

    fn decode_bin(self, config: &ParseConfig, state: &ParserState, bin: Bytes) -> Result<Packet, ParseError> {
        let mut waiting = waiting(state);
        let mut partial = waiting.take().ok_or(ParseError::UnexpectedBinaryPacket)?;
        let (PacketData::BinaryEvent(Value::Str(_, attachments), _)
        | PacketData::BinaryAck(Value::Str(_, attachments), _)) = &mut partial.packet.inner
        else {
            return Err(ParseError::UnexpectedBinaryPacket);
        };
        if partial.initial_packet_recv.elapsed() > config.packet_completion_timeout {
            return Err(ParseError::TimeoutWhileWaitingAttachments);
        }
        let attachments = attachments.get_or_insert_default();
        let (current, max) = (
            attachments.iter().map(Bytes::len).sum::<usize>() + bin.len(),
            config.max_incoming_binary_buf_size,
        );
        if current > max {
            return Err(ParseError::AttachmentsTooHeavy { current, max });
        }
        // A copy, so that the connection's buffer is not held until the packet is complete.
        attachments.push_back(Bytes::copy_from_slice(&bin));
        if attachments.len() >= state.incoming_binary_cnt.load(Ordering::Acquire) {
            return Ok(partial.packet);
        }
        *waiting = Some(partial);
        Err(ParseError::NeedsMoreBinaryData)
    }

    fn encode_value<T: ?Sized + Serialize>(
        self,
        data: &T,
        event: Option<&str>,
    ) -> Result<Value, ParserError> {
        write::arguments(data, event).map_err(ParserError::new)
    }

    fn decode_value<'de, T: Deserialize<'de>>(
        self,
        value: &'de mut Value,
        with_event: bool,
    ) -> Result<T, ParserError> {
        let (text, attachments) = parts(value)?;
        read::arguments(text, attachments, with_event).map_err(ParserError::new)
    }

    fn decode_default<'de, T: Deserialize<'de>>(self, value: Option<&'de Value>) -> Result<T, ParserError> {
        // What a client that says nothing at connecting means.
        let text = value.map_or(Ok("{}"), |value| parts(value).map(|(text, _)| text))?;
        serde_json::from_str(text).map_err(ParserError::new)
    }

    fn encode_default<T: ?Sized + Serialize>(self, data: &T) -> Result<Value, ParserError> {
        let text = serde_json::to_string(data).map_err(ParserError::new)?;
        Ok(Value::Str(text.into(), None))
    }

    fn read_event(self, value: &Value) -> Result<&str, ParserError> {
        let (text, _) = parts(value)?;
        read::event(text).map_err(ParserError::new)
    }
}

fn waiting(state: &ParserState) -> MutexGuard<'_, Option<PartialBinPacket>> {
    state.partial_bin_packet.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The JSON text of a value and the attachments that belong to it.
fn parts(value: &Value) -> Result<(&str, &VecDeque<Bytes>), ParserError> {
    static NONE: VecDeque<Bytes> = VecDeque::new();
    match value {
        Value::Str(text, attachments) => Ok((text, attachments.as_ref().unwrap_or(&NONE))),
        Value::Bytes(_) => Err(ParserError::new(serde_json::Error::custom("bytes, where text was expected"))),
    }
}
