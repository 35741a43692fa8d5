//! Many non-blocking TCP connections to this machine, on one thread.

use std::{
    net::{Ipv4Addr, SocketAddrV4},
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    buffer::spare_capacity,
    event::{
        Timespec,
        epoll::{self, EventData, EventFlags},
    },
    io::Errno,
    net::{self, AddressFamily, SocketFlags, SocketType, sockopt},
};

use crate::failure::{Doing, Result};

/// Nanoseconds since the sockets were made.
pub type Nanos = u64;

/// Connections that share one address of this machine: few enough that the kernel finds a free port at once.
const FROM_ONE_ADDRESS: usize = 5_000;
const SCRATCH: usize = 256 * 1024;
const EVENTS: usize = 1024;

/// What is done with what comes.
pub trait Reader {
    /// The connection is there; `out` is what is to be said first.
    fn connected(&mut self, socket: usize, at: Nanos, out: &mut Vec<u8>);

    /// Answers how many bytes it took; the rest comes again, with more behind it.
    fn data(&mut self, socket: usize, at: Nanos, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize>;

    /// The other side is gone, or never was there.
    fn closed(&mut self, socket: usize, at: Nanos);
}

#[derive(Default)]
struct Slot {
    stream: Option<OwnedFd>,
    connecting: bool,
    /// The beginning of what is not whole yet.
    rest: Vec<u8>,
    out: Vec<u8>,
    /// The kernel takes no more for now.
    stuck: bool,
}

pub struct Sockets {
    epoll: OwnedFd,
    slots: Vec<Slot>,
    events: Vec<epoll::Event>,
    scratch: Vec<u8>,
    start: Instant,
    pub bytes_in: u64,
}

impl Sockets {
    pub fn new() -> Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            slots: Vec::new(),
            events: Vec::with_capacity(EVENTS),
            scratch: vec![0; SCRATCH],
            start: Instant::now(),
            bytes_in: 0,
        })
    }

    pub fn now(&self) -> Nanos {
        self.start.elapsed().as_nanos() as Nanos
    }

    /// Begins to connect; [`Reader::connected`] or [`Reader::closed`] tells how it went.
    pub fn open(&mut self, socket: usize, port: u16) -> Result<()> {
        if self.slots.len() <= socket {
            self.slots.resize_with(socket + 1, Slot::default);
        }
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let stream = net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)
            .doing("a socket cannot be made")?;
        sockopt::set_tcp_nodelay(&stream, true)?;
        // Closing resets, so that no port waits for a minute before it can be used again.
        sockopt::set_socket_linger(&stream, Some(Duration::ZERO))?;
        let home = Ipv4Addr::new(127, 0, 0, 1 + (socket / FROM_ONE_ADDRESS) as u8);
        net::bind(&stream, &SocketAddrV4::new(home, 0)).doing("no port is free")?;
        match net::connect(&stream, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(errno) => return Err(errno).doing("connecting"),
        }
        let interest = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(&self.epoll, &stream, EventData::new_u64(socket as u64), interest)?;
        self.slots[socket] = Slot { stream: Some(stream), connecting: true, ..Slot::default() };
        Ok(())
    }

    pub fn close(&mut self, socket: usize) {
        self.slots[socket] = Slot::default();
    }

    /// What is to be sent next; [`Self::flush`] sends it.
    pub fn out(&mut self, socket: usize) -> &mut Vec<u8> {
        &mut self.slots[socket].out
    }

    pub fn flush(&mut self, socket: usize) {
        let slot = &mut self.slots[socket];
        let Some(stream) = slot.stream.as_ref().filter(|_| !slot.connecting && !slot.stuck) else { return };
        let mut sent = 0;
        while sent < slot.out.len() {
            match net::send(stream, &slot.out[sent..], net::SendFlags::NOSIGNAL) {
                Ok(count) => sent += count,
                Err(Errno::INTR) => {}
                // A broken connection is noticed when it is read.
                Err(errno) => {
                    slot.stuck = errno == Errno::AGAIN;
                    break;
                }
            }
        }
        slot.out.drain(..sent);
    }

    /// Waits until something happens, but no longer than `wait`, and hands it to the reader.
    pub fn turn(&mut self, wait: Duration, reader: &mut impl Reader) -> Result<()> {
        let wait = Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) };
        self.events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&wait)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let events = std::mem::take(&mut self.events);
        let mut outcome = Ok(());
        for event in &events {
            // A copy, since the field is not aligned.
            let (data, flags) = (event.data, event.flags);
            outcome = self.happened(data.u64() as usize, flags, reader);
            if outcome.is_err() {
                break;
            }
        }
        self.events = events;
        outcome
    }

    fn happened(&mut self, socket: usize, flags: EventFlags, reader: &mut impl Reader) -> Result<()> {
        let slot = &mut self.slots[socket];
        let Some(stream) = &slot.stream else { return Ok(()) };
        if slot.connecting && flags.intersects(EventFlags::OUT | EventFlags::ERR | EventFlags::HUP) {
            if sockopt::socket_error(stream)?.is_err() {
                return self.lost(socket, reader);
            }
            slot.connecting = false;
            reader.connected(socket, self.start.elapsed().as_nanos() as Nanos, &mut slot.out);
        }
        if flags.contains(EventFlags::OUT) {
            slot.stuck = false;
        }
        if flags.intersects(EventFlags::IN | EventFlags::RDHUP | EventFlags::ERR | EventFlags::HUP)
            && !self.read(socket, flags.intersects(EventFlags::RDHUP | EventFlags::HUP), reader)?
        {
            return self.lost(socket, reader);
        }
        self.flush(socket);
        Ok(())
    }

    fn lost(&mut self, socket: usize, reader: &mut impl Reader) -> Result<()> {
        self.close(socket);
        reader.closed(socket, self.now());
        Ok(())
    }

    /// Answers whether the connection is still there. `ends`: the other side has closed it, and no other event will come.
    fn read(&mut self, socket: usize, ends: bool, reader: &mut impl Reader) -> Result<bool> {
        let slot = &mut self.slots[socket];
        let Some(stream) = &slot.stream else { return Ok(true) };
        loop {
            let begun = slot.rest.len();
            if begun * 2 > self.scratch.len() {
                self.scratch.resize(begun * 4, 0);
            }
            self.scratch[..begun].copy_from_slice(&slot.rest);
            match rustix::io::read(stream, &mut self.scratch[begun..]) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.bytes_in += count as u64;
                    let at = self.start.elapsed().as_nanos() as Nanos;
                    let bytes = &self.scratch[..begun + count];
                    let used = reader.data(socket, at, bytes, &mut slot.out)?;
                    slot.rest.clear();
                    slot.rest.extend_from_slice(&bytes[used..]);
                    // A short read has emptied the socket, and what comes next is a new event.
                    if bytes.len() < self.scratch.len() && !ends {
                        return Ok(true);
                    }
                }
                Err(Errno::AGAIN) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(_) => return Ok(false),
            }
        }
    }
}
