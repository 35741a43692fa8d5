//! What a message's body begins with, so that whoever gets it knows which one it is.

use memchr::memmem;

use crate::wire::number;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub room: u32,
    pub sender: u32,
    pub number: u32,
}

const FILLER: &str =
    "the quick brown fox jumps over the lazy dog and writes a message of just the right length to it ";
const BODY: &[u8] = b"\"body\":\"";
const SEQ: &[u8] = b"\"seq\":";

impl Mark {
    /// A body of so many bytes, 24 at least.
    pub fn body(self, length: usize) -> String {
        let Self { room, sender, number } = self;
        let mut body = format!("{room:06} {sender:06} {number:08} ");
        while body.len() < length {
            body.push_str(&FILLER[..FILLER.len().min(length - body.len())]);
        }
        // A body is trimmed by servers, and would not come back as it was.
        if body.ends_with(' ') {
            body.pop();
            body.push('.');
        }
        body
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            room: number(bytes.get(..6)?)?,
            sender: number(bytes.get(7..13)?)?,
            number: number(bytes.get(14..22)?)?,
        })
    }
}

/// Finds the mark and the `seq` in packets. Most packets look alike, so it looks where they were the last time.
#[derive(Default)]
pub struct Finder {
    body: usize,
    seq: usize,
}

impl Finder {
    pub fn mark(&mut self, packet: &[u8]) -> Option<Mark> {
        Mark::parse(after(packet, BODY, &mut self.body)?)
    }

    pub fn seq(&mut self, packet: &[u8]) -> Option<u64> {
        let digits = after(packet, SEQ, &mut self.seq)?;
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        number(&digits[..count]).map(u64::from)
    }
}

fn after<'a>(packet: &'a [u8], name: &[u8], hint: &mut usize) -> Option<&'a [u8]> {
    if !packet.get(*hint..).is_some_and(|rest| rest.starts_with(name)) {
        *hint = memmem::find(packet, name)?;
    }
    packet.get(*hint + name.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again_wherever_it_stands() {
        let mut finder = Finder::default();
        for (seq, length) in [(7, 24), (8, 100), (12_345, 1000)] {
            let mark = Mark { room: 3, sender: 41, number: seq };
            let body = mark.body(length);
            assert_eq!(body.len(), length);
            assert_eq!(body.trim(), body);
            let packet = format!("{{\"seq\":{seq},\"x\":1,\"body\":\"{body}\",\"y\":2}}");
            assert_eq!(finder.mark(packet.as_bytes()), Some(mark));
            assert_eq!(finder.seq(packet.as_bytes()), Some(u64::from(seq)));
        }
        assert_eq!(finder.mark(b"{\"body\":\"not ours\"}"), None);
    }
}
