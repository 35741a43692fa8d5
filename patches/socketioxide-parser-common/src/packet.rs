//! What stands around a packet's JSON.

use std::collections::VecDeque;

use socketioxide_core::{
    Str, Value,
    packet::{Packet, PacketData},
    parser::ParseError,
};

const ROOT: &str = "/";

/// The packet without its attachments, and how many of them follow.
pub fn decode(text: &Str) -> Result<(Packet, usize), ParseError> {
    let kind = text.bytes().next().ok_or(ParseError::InvalidPacketType)?;
    // 4 is a refusal, which only servers send.
    if !matches!(kind, b'0'..=b'3' | b'5' | b'6') {
        return Err(ParseError::InvalidPacketType);
    }
    // Only ASCII is ever cut off the front, so every cut falls between characters.
    let mut rest = &text[1..];

    let mut attachments = 0;
    if matches!(kind, b'5' | b'6') {
        let (digits, after) = split_digits(rest);
        attachments = digits.parse().map_err(|_| ParseError::InvalidAttachments)?;
        rest = after.strip_prefix('-').ok_or(ParseError::InvalidAttachments)?;
    }

    let mut ns = Str::from(ROOT);
    if rest.starts_with('/') {
        let start = text.len() - rest.len();
        // Some clients leave the comma away when nothing follows.
        let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
        ns = text.slice(start..start + name.len());
        rest = after;
    }

    let (digits, json) = split_digits(rest);
    let ack = if json.starts_with(['[', '{']) { digits.parse().ok() } else { None };
    let json = text.slice(text.len() - json.len()..);
    let value = |json| Value::Str(json, None);
    let needed = |ack: Option<i64>| ack.ok_or(ParseError::InvalidPacketType);
    let inner = match kind {
        b'0' => PacketData::Connect((!json.is_empty()).then(|| value(json))),
        b'1' => PacketData::Disconnect,
        b'2' => PacketData::Event(value(json), ack),
        b'3' => PacketData::EventAck(value(json), needed(ack)?),
        b'5' => PacketData::BinaryEvent(value(json), ack),
        _ => PacketData::BinaryAck(value(json), needed(ack)?),
    };
    Ok((Packet { inner, ns }, attachments))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// The packet's text, and its attachments behind it.
pub fn encode(packet: Packet) -> Value {
    let is_binary = packet.inner.is_binary();
    let (kind, value, ack) = match packet.inner {
        PacketData::Connect(value) => ("0", value, None),
        PacketData::Disconnect => ("1", None, None),
        PacketData::Event(value, ack) => ("2", Some(value), ack),
        PacketData::EventAck(value, ack) => ("3", Some(value), Some(ack)),
        PacketData::ConnectError(message) => {
            let json = serde_json::json!({ "message": message }).to_string();
            ("4", Some(Value::Str(json.into(), None)), None)
        }
        PacketData::BinaryEvent(value, ack) => ("5", Some(value), ack),
        PacketData::BinaryAck(value, ack) => ("6", Some(value), Some(ack)),
    };
    let (json, attachments) = match value {
        Some(Value::Str(json, attachments)) => (json, attachments),
        // Bytes are made by binary parsers alone.
        Some(Value::Bytes(_)) | None => (Str::default(), None),
    };

    let (mut count_digits, mut ack_digits) = (itoa::Buffer::new(), itoa::Buffer::new());
    let count = attachments.as_ref().map_or(0, VecDeque::len);
    let (count, dash) = if is_binary { (count_digits.format(count), "-") } else { ("", "") };
    let ack = ack.map_or("", |ack| ack_digits.format(ack));
    let ns = if packet.ns == ROOT { "" } else { packet.ns.as_str() };
    let slash = if ns.is_empty() || ns.starts_with('/') { "" } else { "/" };
    let comma = if ns.is_empty() { "" } else { "," };
    let text = [kind, count, dash, slash, ns, comma, ack, &json].concat();
    Value::Str(text.into(), attachments)
}
