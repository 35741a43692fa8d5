//! A fact on its way to many sockets: encoded once, as the WebSocket frame that it is for each of them.

use bytes::Bytes;
use serde::Serialize;

/// The frame of an event of the root namespace: Engine.IO's message (`4`), Socket.IO's event (`2`), and an array of its
/// name and its one argument. It reads the same in the versions 3 and 4 of Engine.IO.
///
/// # Errors
/// When the argument cannot be serialised.
pub fn event_frame<T: Serialize + ?Sized>(event: &str, argument: &T) -> serde_json::Result<Bytes> {
    let mut payload = beginning(event);
    payload.push(b',');
    serde_json::to_writer(&mut payload, argument)?;
    payload.push(b']');
    Ok(text_frame(&payload).into())
}

/// What the payload of an event's frame begins with.
pub fn beginning(event: &str) -> Vec<u8> {
    format!("42[\"{event}\"").into_bytes()
}

/// A text in a frame of its own, from a server (RFC 6455, section 5.2).
pub fn text_frame(payload: &[u8]) -> Vec<u8> {
    const FIN_TEXT: u8 = 0x81;
    const TWO_BYTES: u8 = 126;
    const EIGHT_BYTES: u8 = 127;
    let mut frame = Vec::with_capacity(payload.len() + 10);
    frame.push(FIN_TEXT);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..TWO_BYTES), _) => frame.push(length),
        (_, Ok(length)) => {
            frame.push(TWO_BYTES);
            frame.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            frame.push(EIGHT_BYTES);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_one_text_frame() {
        let frame = event_frame("typing:changed", &json!({ "typing": true })).unwrap();
        assert_eq!(&frame[..], b"\x81\x2442[\"typing:changed\",{\"typing\":true}]");
        assert!(frame[2..].starts_with(&beginning("typing:changed")));
    }

    #[test]
    fn lengths_are_written_as_short_as_they_can_be() {
        for (length, header) in [
            (0, vec![0x81, 0]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 255, 255]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let frame = text_frame(&vec![b'x'; length]);
            assert_eq!(frame.len(), header.len() + length);
            assert!(frame.starts_with(&header), "{length}");
        }
    }
}
