//! Where in the bytes that a server writes one WebSocket frame ends and the next one begins (RFC 6455, section 5.2).

/// Follows what is written. A server's frames are not masked.
#[derive(Debug, Default)]
pub struct Frames {
    header: [u8; 10],
    have: usize,
    /// Bytes of the payload that are still to come.
    left: u64,
    /// Bytes of the payload that have passed.
    passed: u64,
    /// A text that one frame begins with, until that frame has passed.
    marker: Option<Marker>,
}

#[derive(Debug)]
struct Marker {
    text: Box<[u8]>,
    /// How much of it the present frame has shown.
    matched: usize,
}

/// What passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    Frames,
    /// The last frame that there is (section 5.5.1); what comes after it is not looked at.
    Close,
}

const CLOSE: u8 = 0x8;

impl Frames {
    /// Between two frames.
    pub const fn is_between(&self) -> bool {
        self.have == 0 && self.left == 0
    }

    /// Waits for a frame that begins with `text`.
    pub fn mark(&mut self, text: &[u8]) {
        self.marker = Some(Marker { text: text.into(), matched: 0 });
    }

    /// The marked frame has not passed yet.
    pub const fn is_awaited(&self) -> bool {
        self.marker.is_some()
    }

    /// These bytes were written.
    pub fn pass(&mut self, mut bytes: &[u8]) -> Passed {
        while !bytes.is_empty() {
            if self.left == 0 {
                let (first, rest) = (bytes[0], &bytes[1..]);
                self.header[self.have] = first;
                self.have += 1;
                bytes = rest;
                if let Some(length) = self.length() {
                    (self.left, self.passed) = (length, 0);
                    if length == 0 && self.end() == Passed::Close {
                        return Passed::Close;
                    }
                }
                continue;
            }
            let taken = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
            self.look(&bytes[..taken]);
            self.left -= taken as u64;
            self.passed += taken as u64;
            bytes = &bytes[taken..];
            if self.left == 0 && self.end() == Passed::Close {
                return Passed::Close;
            }
        }
        Passed::Frames
    }

    /// The length of the payload, once the header is whole.
    fn length(&self) -> Option<u64> {
        let extended = |bytes: &[u8]| bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        match (self.have, self.header[1] & 0x7f) {
            (2, short @ 0..=125) => Some(u64::from(short)),
            (4, 126) => Some(extended(&self.header[2..4])),
            (10, 127) => Some(extended(&self.header[2..10])),
            _ => None,
        }
    }

    fn look(&mut self, payload: &[u8]) {
        let Some(marker) = &mut self.marker else { return };
        if marker.matched as u64 != self.passed {
            return;
        }
        let same = marker.text[marker.matched..].iter().zip(payload).take_while(|(a, b)| a == b).count();
        marker.matched += same;
    }

    fn end(&mut self) -> Passed {
        self.have = 0;
        if let Some(marker) = &mut self.marker {
            if marker.matched == marker.text.len() {
                self.marker = None;
            } else {
                marker.matched = 0;
            }
        }
        if self.header[0] & 0x0f == CLOSE { Passed::Close } else { Passed::Frames }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::adapters::gateways::fact::text_frame as text;

    proptest! {
        /// However the bytes are cut into writes, the frames end where they end.
        #[test]
        fn frames_end_where_they_end(
            sizes in prop::collection::vec(prop_oneof![0..4_usize, 120..130_usize, 65_530..65_540_usize], 1..6),
            cuts in prop::collection::vec(1..70_000_usize, 1..12),
        ) {
            let mut bytes = Vec::new();
            let mut ends = vec![0];
            for size in sizes {
                bytes.extend(text(&vec![b'x'; size]));
                ends.push(bytes.len());
            }
            let (mut frames, mut at) = (Frames::default(), 0);
            for cut in cuts.into_iter().cycle() {
                let to = bytes.len().min(at + cut);
                prop_assert_eq!(frames.pass(&bytes[at..to]), Passed::Frames);
                at = to;
                prop_assert_eq!(frames.is_between(), ends.contains(&at), "at {}", at);
                if at == bytes.len() {
                    break;
                }
            }
        }

        #[test]
        fn a_marked_frame_is_noticed_when_it_has_passed(cut in 1..9_usize) {
            let mut frames = Frames::default();
            frames.mark(b"42[\"ready\"");
            let others = [text(b""), text(b"42[\"read"), text(b"x42[\"ready\""), text(b"2")].concat();
            for bytes in others.chunks(cut) {
                frames.pass(bytes);
            }
            prop_assert!(frames.is_awaited() && frames.is_between());
            let marked = text(b"42[\"ready\",{}]");
            for (end, bytes) in marked.chunks(cut).enumerate() {
                prop_assert!(frames.is_awaited(), "after {end} writes");
                frames.pass(bytes);
            }
            prop_assert!(!frames.is_awaited() && frames.is_between());
        }
    }

    #[test]
    fn a_close_frame_is_the_last() {
        let mut frames = Frames::default();
        assert_eq!(frames.pass(&text(b"one")), Passed::Frames);
        assert_eq!(frames.pass(&[0x88, 2, 3]), Passed::Frames, "it is not whole yet");
        assert_eq!(frames.pass(&[0xe8]), Passed::Close);
        assert_eq!(Frames::default().pass(&[0x88, 0, b'?']), Passed::Close);
    }
}
