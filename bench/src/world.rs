//! The people and rooms of a scenario: the same for every server, and there before it starts.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::failure::{Doing, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Direct,
    Group,
    Channel,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Channel => "channel",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Room {
    pub id: String,
    pub kind: Kind,
    /// Places in the list of people.
    pub members: Vec<usize>,
}

/// People by number, and their rooms. The first room is the channel that everybody is in.
#[derive(Debug, Clone)]
pub struct World {
    pub people: usize,
    pub rooms: Vec<Room>,
}

/// Long before any measurement, and long after it.
const BORN: &str = "2026-01-01T00:00:00.000Z";
const END: &str = "2099-01-01T00:00:00.000Z";

fn id(of: u16, number: usize) -> String {
    format!("019b7000-{of:04x}-7000-8000-{number:012x}")
}

pub fn user_id(person: usize) -> String {
    id(1, person)
}

impl World {
    pub fn new(people: usize) -> Self {
        let mut world = Self { people, rooms: Vec::new() };
        world.add(Kind::Channel, (0..people).collect());
        world
    }

    pub fn add(&mut self, kind: Kind, members: Vec<usize>) -> usize {
        self.rooms.push(Room { id: id(2, self.rooms.len()), kind, members });
        self.rooms.len() - 1
    }

    /// One room that everybody is in, besides the first.
    pub fn crowd(people: usize) -> Self {
        let mut world = Self::new(people);
        world.add(Kind::Channel, (0..people).collect());
        world
    }

    /// Direct conversations of two, nobody in two of them.
    pub fn pairs(pairs: usize) -> Self {
        let mut world = Self::new(pairs * 2);
        for pair in 0..pairs {
            world.add(Kind::Direct, vec![pair * 2, pair * 2 + 1]);
        }
        world
    }

    /// 128 bits that name a person's session; this one measures and keeps nothing secret.
    fn session(person: usize) -> [u8; 16] {
        let digest = Sha256::digest(format!("session of person {person}"));
        let mut session = [0; 16];
        session.copy_from_slice(&digest[..16]);
        session
    }

    /// The cookies that ChatConnect knows these sessions by.
    pub fn chatconnect_cookies(&self) -> Vec<String> {
        let cookie = |person| format!("connect.sid={}", BASE64_URL_SAFE_NO_PAD.encode(Self::session(person)));
        (0..self.people).map(cookie).collect()
    }

    /// For `bench/node/prepare.mjs`.
    pub fn write_json(&self, path: &Path) -> Result<()> {
        let people: Vec<_> = (0..self.people)
            .map(|person| {
                json!({
                    "id": user_id(person),
                    "username": format!("person{person}"),
                    "sessionId": BASE64_URL_SAFE_NO_PAD.encode(Self::session(person)),
                })
            })
            .collect();
        let rooms: Vec<_> = self
            .rooms
            .iter()
            .map(|room| json!({ "id": room.id, "kind": room.kind.name(), "members": room.members }))
            .collect();
        let world = json!({ "people": people, "rooms": rooms, "passwordHash": "*" });
        fs::write(path, world.to_string()).doing(path.display())
    }

    /// For `chatconnect import`; see docs/ARCHIVE.md.
    pub fn write_archive(&self, path: &Path) -> Result<()> {
        let mut lines = Lines::create(path)?;
        for person in 0..self.people {
            lines.line(format_args!(
                r#"{{"type":"user","id":"{}","username":"person{person}","displayName":"Person {person}","passwordHash":"*","locale":null,"createdAt":"{BORN}","lastSeenAt":null}}"#,
                user_id(person)
            ))?;
        }
        for (key, person) in self.keys() {
            lines.line(format_args!(
                r#"{{"type":"session","id":"{}","key":"{key}","userId":"{}","device":"bench","createdAt":"{BORN}","lastSeenAt":"{BORN}","expiresAt":"{END}"}}"#,
                id(3, person),
                user_id(person)
            ))?;
        }
        for (number, room) in self.rooms.iter().enumerate() {
            let title = match (number, room.kind) {
                (_, Kind::Direct) => "null".to_owned(),
                (0, _) => r#""general""#.to_owned(),
                _ => format!(r#""Room {number}""#),
            };
            lines.line(format_args!(
                r#"{{"type":"conversation","id":"{}","kind":"{}","title":{title},"general":{},"rev":0,"createdAt":"{BORN}"}}"#,
                room.id,
                room.kind.name(),
                number == 0
            ))?;
        }
        let mut members = 0;
        for (number, room) in self.rooms.iter().enumerate() {
            members += room.members.len();
            for (place, person) in room.members.iter().enumerate() {
                let owns = place == 0 && number != 0 && room.kind != Kind::Direct;
                lines.line(format_args!(
                    r#"{{"type":"member","conversationId":"{}","userId":"{}","role":"{}","joinedAt":"{BORN}","readSeq":0,"muted":false}}"#,
                    room.id,
                    user_id(*person),
                    if owns { "owner" } else { "member" }
                ))?;
            }
        }
        lines.end([self.people, self.people, self.rooms.len(), members, 0])
    }

    /// What the database knows the sessions by, in the order of an archive.
    fn keys(&self) -> Vec<(String, usize)> {
        let mut keys: Vec<_> = (0..self.people)
            .map(|person| {
                // The cookie has the bytes of a number in the other order.
                let mut session = Self::session(person);
                session.reverse();
                (hex(&Sha256::digest(session)[..16]), person)
            })
            .collect();
        keys.sort();
        keys
    }
}

/// An archive that is being written.
struct Lines {
    file: BufWriter<File>,
    digest: Sha256,
}

impl Lines {
    fn create(path: &Path) -> Result<Self> {
        let mut file = BufWriter::new(File::create(path).doing(path.display())?);
        writeln!(file, r#"{{"format":"chatconnect-archive","version":1,"createdAt":"{BORN}"}}"#)
            .doing("writing an archive")?;
        Ok(Self { file, digest: Sha256::new() })
    }

    fn line(&mut self, line: std::fmt::Arguments) -> Result<()> {
        let line = format!("{line}\n");
        self.digest.update(&line);
        self.file.write_all(line.as_bytes()).doing("writing an archive")
    }

    fn end(mut self, [users, sessions, conversations, members, messages]: [usize; 5]) -> Result<()> {
        let sha256 = hex(&self.digest.finalize());
        writeln!(
            self.file,
            r#"{{"type":"end","counts":{{"users":{users},"sessions":{sessions},"conversations":{conversations},"members":{members},"messages":{messages}}},"sha256":"{sha256}"}}"#
        )
        .doing("writing an archive")?;
        self.file.flush().doing("writing an archive")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
