//! Many Socket.IO clients: they connect, answer pings, and hand on what concerns the chat.

use std::time::Duration;

use crate::{
    failure::{Failure, Result},
    sockets::{Nanos, Reader, Sockets},
    wire::{self, Packet},
};

/// What a chat's load does with what its clients hear.
pub trait Handler {
    /// The session was accepted, and facts come from now on.
    fn ready(&mut self, client: usize, at: Nanos);
    fn event(&mut self, client: usize, at: Nanos, event: &[u8]);
    fn ack(&mut self, client: usize, at: Nanos, id: u32, arguments: &[u8]);
    fn closed(&mut self, client: usize, at: Nanos);

    /// The server let a client not in, with this answer.
    ///
    /// # Errors
    /// Unless the load expects such a thing, that is the end of the run.
    fn refused(&mut self, client: usize, answer: &str) -> Result<()> {
        Err(Failure::said(format!("client {client} was refused: {answer}")))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Closed,
    /// The answer to the upgrade has not come.
    Upgrading,
    Joining,
    Ready,
}

pub struct Fleet {
    sockets: Sockets,
    stages: Vec<Stage>,
    cookies: Vec<String>,
    port: u16,
}

/// Like a browser's, since servers may keep what they were sent.
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36";
const READY: &[u8] = b"[\"session:ready\"";

impl Fleet {
    /// One client for each cookie; none is connected yet.
    pub fn new(port: u16, cookies: &[String]) -> Result<Self> {
        Ok(Self {
            sockets: Sockets::new()?,
            stages: vec![Stage::Closed; cookies.len()],
            cookies: cookies.to_vec(),
            port,
        })
    }

    pub fn now(&self) -> Nanos {
        self.sockets.now()
    }

    pub fn bytes_in(&self) -> u64 {
        self.sockets.bytes_in
    }

    /// From now on clients connect to another server.
    pub fn turn_to(&mut self, port: u16) {
        self.port = port;
    }

    pub fn open(&mut self, client: usize) -> Result<()> {
        self.stages[client] = Stage::Upgrading;
        self.sockets.open(client, self.port)
    }

    /// Drops the connection without a word, as a dead network does.
    pub fn drop_client(&mut self, client: usize) {
        self.stages[client] = Stage::Closed;
        self.sockets.close(client);
    }

    pub fn is_ready(&self, client: usize) -> bool {
        self.stages[client] == Stage::Ready
    }

    pub fn is_closed(&self, client: usize) -> bool {
        self.stages[client] == Stage::Closed
    }

    /// Puts a packet behind what is to be sent; [`Self::flush`] sends it.
    pub fn push(&mut self, client: usize, packet: &[u8]) {
        wire::push_text(self.sockets.out(client), packet);
    }

    pub fn flush(&mut self, client: usize) {
        self.sockets.flush(client);
    }

    pub fn turn(&mut self, wait: Duration, handler: &mut impl Handler) -> Result<()> {
        let Self { sockets, stages, cookies, port } = self;
        sockets.turn(wait, &mut Bridge { stages, cookies, port: *port, handler })
    }
}

struct Bridge<'a, H> {
    stages: &'a mut [Stage],
    cookies: &'a [String],
    port: u16,
    handler: &'a mut H,
}

impl<H: Handler> Reader for Bridge<'_, H> {
    fn connected(&mut self, client: usize, _: Nanos, out: &mut Vec<u8>) {
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             User-Agent: {USER_AGENT}\r\nAccept-Language: pt-BR,pt;q=0.9,en;q=0.8\r\nCookie: {}\r\n\r\n",
            self.port, self.cookies[client]
        );
        out.extend_from_slice(request.as_bytes());
    }

    fn data(&mut self, client: usize, at: Nanos, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize> {
        let mut used = 0;
        if self.stages[client] == Stage::Upgrading {
            let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Ok(0) };
            if !bytes.starts_with(b"HTTP/1.1 101 ") {
                self.handler.refused(client, &String::from_utf8_lossy(&bytes[..end.min(200)]))?;
                return Ok(bytes.len());
            }
            used = end + 4;
            self.stages[client] = Stage::Joining;
        }
        while let Some(frame) = wire::parse(&bytes[used..])? {
            let payload = &bytes[used + frame.start..used + frame.end];
            if frame.opcode == wire::TEXT {
                self.packet(client, at, payload, out)?;
            }
            used += frame.end;
        }
        Ok(used)
    }

    fn closed(&mut self, client: usize, at: Nanos) {
        self.stages[client] = Stage::Closed;
        self.handler.closed(client, at);
    }
}

impl<H: Handler> Bridge<'_, H> {
    fn packet(&mut self, client: usize, at: Nanos, payload: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match wire::packet(payload) {
            Packet::Event(event) if event.starts_with(READY) => {
                self.stages[client] = Stage::Ready;
                self.handler.ready(client, at);
            }
            Packet::Event(event) => self.handler.event(client, at, event),
            Packet::Ack { id, arguments } => self.handler.ack(client, at, id, arguments),
            Packet::Open => wire::push_text(out, b"40"),
            Packet::Ping => wire::push_text(out, b"3"),
            Packet::Refused(why) => self.handler.refused(client, &String::from_utf8_lossy(why))?,
            Packet::Connected | Packet::Other => {}
        }
        Ok(())
    }
}
