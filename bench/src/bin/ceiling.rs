//! The least that a chat server could do: every message that comes in goes out to everybody, as the same bytes that
//! ChatConnect writes, and what waits for a socket goes out in one write. No session, no database, no Socket.IO but its bytes.

use std::{
    io::{IoSlice, Write},
    net::{Ipv4Addr, TcpListener},
    os::fd::OwnedFd,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use chatconnect_bench::{
    failure::{Doing, Result},
    process,
    wire::{self, Packet},
};
use memchr::memmem;
use rustix::{
    buffer::spare_capacity,
    event::epoll::{self, EventData, EventFlags},
    io::Errno,
    net::{self, SocketFlags, sockopt},
};
use sha1::{Digest, Sha1};

const LISTENER: u64 = u64::MAX;
const SCRATCH: usize = 64 * 1024;
const OPEN: &[u8] =
    br#"0{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

fn main() -> Result<()> {
    process::raise_descriptors(1_000_000);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing("listening")?;
    listener.set_nonblocking(true).doing("listening")?;
    let mut out = std::io::stdout();
    let address = listener.local_addr().doing("listening")?;
    writeln!(out, "listening on http://{address}").and_then(|()| out.flush()).doing("writing the address")?;
    Ceiling::new()?.serve(&listener)
}

struct Client {
    stream: OwnedFd,
    upgraded: bool,
    /// The beginning of what is not whole yet.
    rest: Vec<u8>,
    /// What only this client gets.
    own: Vec<u8>,
    /// How much of the log it has been sent.
    sent: u64,
    stuck: bool,
}

struct Ceiling {
    epoll: OwnedFd,
    clients: Vec<Option<Client>>,
    free: Vec<usize>,
    /// Everything that everybody gets, once; its beginning is forgotten when everybody has it.
    log: Vec<u8>,
    /// Bytes before the log's beginning.
    forgotten: u64,
    seq: u64,
    /// Clients with something of their own to be sent.
    dirty: Vec<usize>,
}

impl Ceiling {
    fn new() -> Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            clients: Vec::new(),
            free: Vec::new(),
            log: Vec::new(),
            forgotten: 0,
            seq: 0,
            dirty: Vec::new(),
        })
    }

    fn serve(mut self, listener: &TcpListener) -> Result<()> {
        epoll::add(&self.epoll, listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        let mut events: Vec<epoll::Event> = Vec::with_capacity(1024);
        let mut scratch = vec![0; SCRATCH];
        loop {
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            let before = self.end();
            for event in &events {
                let (data, flags) = (event.data, event.flags);
                match data.u64() {
                    LISTENER => self.accept(listener)?,
                    place => self.happened(place as usize, flags, &mut scratch)?,
                }
            }
            if self.end() > before {
                (0..self.clients.len()).for_each(|place| self.flush(place));
                self.dirty.clear();
                self.forget();
            } else {
                for place in std::mem::take(&mut self.dirty) {
                    self.flush(place);
                }
            }
        }
    }

    fn end(&self) -> u64 {
        self.forgotten + self.log.len() as u64
    }

    fn accept(&mut self, listener: &TcpListener) -> Result<()> {
        loop {
            let stream = match net::accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(stream) => stream,
                Err(Errno::AGAIN) => return Ok(()),
                Err(errno) => return Err(errno.into()),
            };
            sockopt::set_tcp_nodelay(&stream, true)?;
            let place = self.free.pop().unwrap_or_else(|| {
                self.clients.push(None);
                self.clients.len() - 1
            });
            let interest = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
            epoll::add(&self.epoll, &stream, EventData::new_u64(place as u64), interest)?;
            let (rest, own) = (Vec::new(), Vec::new());
            self.clients[place] = Some(Client { stream, upgraded: false, rest, own, sent: 0, stuck: false });
        }
    }

    fn happened(&mut self, place: usize, flags: EventFlags, scratch: &mut [u8]) -> Result<()> {
        let Some(client) = &mut self.clients[place] else { return Ok(()) };
        if flags.contains(EventFlags::OUT) && client.stuck {
            client.stuck = false;
            self.dirty.push(place);
        }
        if flags.intersects(EventFlags::IN | EventFlags::RDHUP | EventFlags::ERR | EventFlags::HUP) {
            self.read(place, scratch)?;
        }
        Ok(())
    }

    fn read(&mut self, place: usize, scratch: &mut [u8]) -> Result<()> {
        loop {
            let Some(client) = &mut self.clients[place] else { return Ok(()) };
            match rustix::io::read(&client.stream, &mut *scratch) {
                Ok(0) => break,
                Ok(count) => {
                    client.rest.extend_from_slice(&scratch[..count]);
                    let bytes = std::mem::take(&mut client.rest);
                    let Ok(used) = self.take(place, &bytes) else { break };
                    if let (Some(client), true) = (&mut self.clients[place], used < bytes.len()) {
                        client.rest = bytes[used..].to_vec();
                    }
                    if count < scratch.len() {
                        return Ok(());
                    }
                }
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        self.clients[place] = None;
        self.free.push(place);
        Ok(())
    }

    /// Answers how many of the bytes were whole.
    fn take(&mut self, place: usize, bytes: &[u8]) -> Result<usize> {
        let end = self.end();
        let Some(client) = &mut self.clients[place] else { return Ok(bytes.len()) };
        let mut used = 0;
        if !client.upgraded {
            let Some(head) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(0) };
            client.own.extend_from_slice(upgrade(&bytes[..head]).as_bytes());
            wire::push_server_text(&mut client.own, OPEN);
            (client.upgraded, client.sent) = (true, end);
            self.dirty.push(place);
            used = head + 4;
        }
        let mut payload = Vec::new();
        while let Some(frame) = wire::parse(&bytes[used..])? {
            payload.clear();
            payload.extend_from_slice(&bytes[used + frame.start..used + frame.end]);
            if let Some(mask) = frame.mask {
                payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
            }
            self.packet(place, &payload);
            used += frame.end;
        }
        Ok(used)
    }

    fn packet(&mut self, place: usize, payload: &[u8]) {
        let Some(client) = &mut self.clients[place] else { return };
        match wire::packet(payload) {
            Packet::Connected => {
                wire::push_server_text(&mut client.own, br#"40{"sid":"AAAAAAAAAAAAAAAAAAAA"}"#);
                wire::push_server_text(&mut client.own, br#"42["session:ready",{}]"#);
                self.dirty.push(place);
            }
            // A command with an ack looks like an event whose array comes after a number.
            Packet::Event(event) => {
                let digits = event.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let (Some(ack), Some(message)) =
                    (wire::number(&event[..digits]), message(event, self.seq + 1))
                else {
                    return;
                };
                self.seq += 1;
                let answer = format!(r#"43{ack}[{{"ok":true,"data":{{"message":{message}}}}}]"#);
                wire::push_server_text(&mut client.own, answer.as_bytes());
                self.dirty.push(place);
                let fact = format!(r#"42["message:created",{{"message":{message}}}]"#);
                wire::push_server_text(&mut self.log, fact.as_bytes());
            }
            _ => {}
        }
    }

    /// One write of what waits for a client.
    fn flush(&mut self, place: usize) {
        let end = self.end();
        let Some(client) = self.clients[place].as_mut().filter(|client| client.upgraded && !client.stuck)
        else {
            return;
        };
        while client.sent < end || !client.own.is_empty() {
            let shared = &self.log[(client.sent - self.forgotten) as usize..];
            match rustix::io::writev(&client.stream, &[IoSlice::new(&client.own), IoSlice::new(shared)]) {
                Ok(count) => {
                    let own = count.min(client.own.len());
                    client.own.drain(..own);
                    client.sent += (count - own) as u64;
                }
                Err(Errno::INTR) => {}
                // A broken connection is noticed when it is read.
                Err(_) => {
                    client.stuck = true;
                    return;
                }
            }
        }
    }

    fn forget(&mut self) {
        let upgraded = self.clients.iter().flatten().filter(|client| client.upgraded);
        let least = upgraded.map(|client| client.sent).min().unwrap_or(self.end());
        self.log.drain(..(least - self.forgotten) as usize);
        self.forgotten = least;
    }
}

fn upgrade(request: &[u8]) -> String {
    let request = String::from_utf8_lossy(request);
    let mut headers = request.lines().filter_map(|line| line.split_once(':'));
    let key = headers.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
    let key = key.map(|(_, key)| key.trim()).unwrap_or_default();
    let accept = Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        BASE64_STANDARD.encode(accept)
    )
}

/// The object of a message as ChatConnect writes it.
fn message(event: &[u8], seq: u64) -> Option<String> {
    let text = |name: &str| {
        let start = memmem::find(event, name.as_bytes())? + name.len();
        let end = start + memchr::memchr(b'"', &event[start..])?;
        std::str::from_utf8(&event[start..end]).ok()
    };
    let conversation = text(r#""conversationId":""#)?;
    let client = text(r#""clientId":""#)?;
    let body = text(r#""body":""#)?;
    Some(format!(
        r#"{{"id":"019b7000-0004-7000-8000-{seq:012x}","conversationId":"{conversation}","seq":{seq},"rev":{seq},"senderId":"019b7000-0001-7000-8000-000000000000","clientId":"{client}","body":"{body}","attachments":[],"replyTo":null,"reactions":[],"createdAt":"2026-01-01T00:00:00.000Z","editedAt":null,"deletedAt":null}}"#
    ))
}
