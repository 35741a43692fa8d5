//! WebSocket frames (RFC 6455) and packets of Engine.IO 4 and Socket.IO 5, as far as a load generator needs them.

use crate::failure::{Failure, Result};

pub const TEXT: u8 = 1;
pub const CLOSE: u8 = 8;

/// Appends a client's text frame. Its mask is zero, which is legal, costs the server as much as any other and the
/// generator nothing; this generator is no browser whose pages could choose bytes on the wire.
pub fn push_text(out: &mut Vec<u8>, payload: &[u8]) {
    out.push(0x80 | TEXT);
    match payload.len() {
        length @ 0..126 => out.push(0x80 | length as u8),
        length @ 126..0x1_0000 => {
            out.push(0x80 | 126);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(0x80 | 127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend([0; 4]);
    out.extend_from_slice(payload);
}

/// Appends a server's text frame, which has no mask.
pub fn push_server_text(out: &mut Vec<u8>, payload: &[u8]) {
    out.push(0x80 | TEXT);
    match payload.len() {
        length @ 0..126 => out.push(length as u8),
        length @ 126..0x1_0000 => {
            out.push(126);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

pub struct Frame {
    pub opcode: u8,
    /// Where the payload begins; it ends where the frame does.
    pub start: usize,
    pub end: usize,
    pub mask: Option<[u8; 4]>,
}

/// The frame at the beginning of `bytes`, once all of it is there.
pub fn parse(bytes: &[u8]) -> Result<Option<Frame>> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if first & 0xf0 != 0x80 {
        return Err(Failure::said("a frame is a fragment or has an extension, which nobody agreed on"));
    }
    let (length, mut start) = match (second & 0x7f, rest) {
        (126, [high, low, ..]) => (usize::from(u16::from_be_bytes([*high, *low])), 4),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) as usize, 10)
        }
        (126 | 127, _) => return Ok(None),
        (length, _) => (usize::from(length), 2),
    };
    let mut mask = None;
    if second & 0x80 != 0 {
        let Some(&[a, b, c, d]) = bytes.get(start..start + 4) else { return Ok(None) };
        mask = Some([a, b, c, d]);
        start += 4;
    }
    let end = start + length;
    Ok((bytes.len() >= end).then_some(Frame { opcode: first & 0x0f, start, end, mask }))
}

/// What a Socket.IO server says on the default namespace.
pub enum Packet<'a> {
    /// Engine.IO is open; the client connects to the namespace now.
    Open,
    Ping,
    Connected,
    Refused(&'a [u8]),
    /// The array of the event: its name and its arguments.
    Event(&'a [u8]),
    Ack {
        id: u32,
        arguments: &'a [u8],
    },
    Other,
}

pub fn packet(payload: &[u8]) -> Packet<'_> {
    match payload {
        [b'4', b'2', event @ ..] => Packet::Event(event),
        [b'4', b'3', ack @ ..] => {
            let digits = ack.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match number(&ack[..digits]) {
                Some(id) => Packet::Ack { id, arguments: &ack[digits..] },
                None => Packet::Other,
            }
        }
        [b'2'] => Packet::Ping,
        [b'0', ..] => Packet::Open,
        [b'4', b'0', ..] => Packet::Connected,
        [b'4', b'4', why @ ..] => Packet::Refused(why),
        _ => Packet::Other,
    }
}

/// A decimal number of nothing but digits.
pub fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, &digit| {
        digit.is_ascii_digit().then(|| number.wrapping_mul(10).wrapping_add(u32::from(digit - b'0')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_size_are_read_back() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            for push in [push_text, push_server_text] {
                let mut bytes = Vec::new();
                push(&mut bytes, &payload);
                for cut in 0..bytes.len().min(20) {
                    let whole = parse(&bytes[..cut]).unwrap();
                    assert!(whole.is_none() || length == 0, "{length} {cut}");
                }
                let frame = parse(&bytes).unwrap().unwrap();
                assert_eq!((frame.opcode, &bytes[frame.start..frame.end]), (TEXT, &payload[..]));
                assert_eq!(frame.end, bytes.len());
            }
        }
    }

    #[test]
    fn packets_are_told_apart() {
        assert!(matches!(packet(b"0{}"), Packet::Open));
        assert!(matches!(packet(b"2"), Packet::Ping));
        assert!(matches!(packet(b"40{\"sid\":\"x\"}"), Packet::Connected));
        assert!(matches!(packet(b"44{\"message\":\"no\"}"), Packet::Refused(b"{\"message\":\"no\"}")));
        assert!(matches!(packet(b"42[\"a\",1]"), Packet::Event(b"[\"a\",1]")));
        assert!(matches!(packet(b"4317[{}]"), Packet::Ack { id: 17, arguments: b"[{}]" }));
        assert!(matches!(packet(b"43[]"), Packet::Other));
    }
}
