//! Messages through a server: as many as it takes, or so many a second whether it keeps up or not.

use std::time::Duration;

use crate::{
    failure::{Failure, Result},
    fleet::Fleet,
    lab::Server,
    ledger::{Checks, Ledger},
    mark::Mark,
    process,
    sockets::Nanos,
    world::World,
};

const BODY: usize = 100;
const TICK: Duration = Duration::from_millis(50);
/// Connecting, and waiting for what is under way, must not take longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// More messages on their way than this: the server does not keep up with the rate, and more would only queue.
const HOPELESS: usize = 20_000;

pub struct Traffic {
    pub fleet: Fleet,
    pub ledger: Ledger,
    packet: Vec<u8>,
    acks: u32,
    unsent: Vec<usize>,
    turn: usize,
}

/// When things are due that happen so often a second.
pub struct Pace {
    start: Nanos,
    per_second: f64,
    count: u64,
}

impl Pace {
    pub fn new(start: Nanos, per_second: f64) -> Self {
        Self { start, per_second, count: 0 }
    }

    /// When the next one is due.
    pub fn due(&self) -> Nanos {
        self.start + (self.count as f64 * 1e9 / self.per_second) as Nanos
    }

    /// When the next one was due, if that is over.
    pub fn next(&mut self, now: Nanos) -> Option<Nanos> {
        let due = self.due();
        self.count += u64::from(due <= now);
        (due <= now).then_some(due)
    }
}

/// What a stretch of time has cost.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    pub seconds: f64,
    pub sends: u64,
    pub deliveries: u64,
    /// Microseconds of CPU of the server, and of MongoDB.
    pub server_cpu: f64,
    pub mongod_cpu: f64,
    /// Of this program.
    pub generator_cpu: f64,
    pub bytes: u64,
    /// The server kept up with the rate.
    pub kept_up: bool,
}

/// The state of the meters at one moment.
pub struct Reading {
    at: Nanos,
    acked: u64,
    delivered: u64,
    bytes: u64,
    server: Duration,
    mongod: Duration,
    generator: Duration,
}

impl Traffic {
    /// The first `senders` members of each of these rooms write.
    pub fn new(server: &Server, world: &World, rooms: &[usize], senders: usize) -> Result<Self> {
        let fleet = Fleet::new(server.port, &server.cookies)?;
        let mut ledger = Ledger::new(world.people, server.system.numbers_messages())?;
        for &room in rooms {
            let room = &world.rooms[room];
            ledger.add_room(&room.id, &room.members, senders.min(room.members.len()));
        }
        Ok(Self { fleet, ledger, packet: Vec::new(), acks: 0, unsent: Vec::new(), turn: 0 })
    }

    /// Connects these clients, so many at once, and waits until each is let in. Answers how long it took.
    pub fn connect(&mut self, clients: &[usize], at_once: usize) -> Result<Duration> {
        let start = self.fleet.now();
        let mut waiting: Vec<usize> = Vec::new();
        let mut next = clients.iter();
        loop {
            waiting.retain(|&client| !self.fleet.is_ready(client));
            while waiting.len() < at_once {
                let Some(&client) = next.next() else { break };
                self.fleet.open(client)?;
                waiting.push(client);
            }
            if waiting.is_empty() {
                return Ok(Duration::from_nanos(self.fleet.now() - start));
            }
            if self.fleet.now() - start > PATIENCE.as_nanos() as Nanos {
                return Err(Failure::said(format!("{} clients were never let in", waiting.len())));
            }
            if let Some(lost) = waiting.iter().find(|client| self.fleet.is_closed(**client)) {
                return Err(Failure::said(format!("client {lost} was disconnected before it was let in")));
            }
            self.fleet.turn(TICK, &mut self.ledger)?;
        }
    }

    /// Sends the next message of a room; it counts as due at this moment.
    fn send(&mut self, room: usize, due: Nanos) {
        let (client, id, mark) = self.ledger.enter(room, due);
        self.acks += 1;
        write_send(&mut self.packet, self.acks, id, mark);
        self.fleet.push(client, &self.packet);
        self.unsent.push(client);
    }

    fn flush(&mut self) {
        for client in self.unsent.drain(..) {
            self.fleet.flush(client);
        }
    }

    /// What the meters show now.
    pub fn read(&self, server: &Server) -> Reading {
        Reading {
            at: self.fleet.now(),
            acked: self.ledger.acked,
            delivered: self.ledger.delivered,
            bytes: self.fleet.bytes_in(),
            server: server.cpu(),
            mongod: server.mongod.map(process::cpu).unwrap_or_default(),
            generator: process::own_cpu(),
        }
    }

    pub fn since(&self, before: &Reading, server: &Server, kept_up: bool) -> Stretch {
        let now = self.read(server);
        let micros = |after: Duration, before: Duration| (after - before).as_secs_f64() * 1e6;
        Stretch {
            seconds: (now.at - before.at) as f64 / 1e9,
            sends: now.acked - before.acked,
            deliveries: now.delivered - before.delivered,
            server_cpu: micros(now.server, before.server),
            mongod_cpu: micros(now.mongod, before.mongod),
            generator_cpu: micros(now.generator, before.generator),
            bytes: now.bytes - before.bytes,
            kept_up,
        }
    }

    /// Keeps `window` messages of every room on their way for so long: as soon as one is acked and has reached everybody,
    /// the next is sent. What is measured is the time after `warm_up`.
    pub fn saturate(
        &mut self,
        server: &Server,
        window: usize,
        warm_up: Duration,
        time: Duration,
    ) -> Result<Stretch> {
        self.ledger.done.clear();
        let start = self.fleet.now();
        for room in 0..self.ledger.rooms() {
            for _ in 0..window {
                self.send(room, start);
            }
        }
        self.flush();
        self.keep_busy(start + warm_up.as_nanos() as Nanos)?;
        self.ledger.time_from(self.fleet.now());
        let before = self.read(server);
        self.keep_busy(before.at + time.as_nanos() as Nanos)?;
        let stretch = self.since(&before, server, true);
        self.drain()?;
        Ok(stretch)
    }

    fn keep_busy(&mut self, end: Nanos) -> Result<()> {
        while self.fleet.now() < end {
            self.fleet.turn(TICK, &mut self.ledger)?;
            let now = self.fleet.now();
            for room in std::mem::take(&mut self.ledger.done) {
                self.send(room, now);
            }
            self.flush();
        }
        Ok(())
    }

    /// Sends so many messages a second, at even distances, into one room after the other. They are due when they are due: a
    /// server that is slow makes them late, not fewer.
    pub fn steady(
        &mut self,
        server: &Server,
        per_second: f64,
        warm_up: Duration,
        time: Duration,
    ) -> Result<Stretch> {
        let mut pace = Pace::new(self.fleet.now(), per_second);
        self.keep_pace(&mut pace, self.fleet.now() + warm_up.as_nanos() as Nanos)?;
        self.ledger.time_from(self.fleet.now());
        let before = self.read(server);
        let kept_up = self.keep_pace(&mut pace, before.at + time.as_nanos() as Nanos)?;
        let stretch = self.since(&before, server, kept_up);
        self.drain()?;
        Ok(stretch)
    }

    fn keep_pace(&mut self, pace: &mut Pace, end: Nanos) -> Result<bool> {
        loop {
            let now = self.fleet.now();
            if now >= end {
                return Ok(true);
            }
            if self.ledger.in_flight > HOPELESS {
                return Ok(false);
            }
            self.send_due(pace);
            let wait = pace.due().min(end).saturating_sub(self.fleet.now());
            self.fleet.turn(Duration::from_nanos(wait), &mut self.ledger)?;
        }
    }

    /// Sends what is due by now, into one room after the other.
    pub fn send_due(&mut self, pace: &mut Pace) {
        self.ledger.done.clear();
        let now = self.fleet.now();
        while let Some(due) = pace.next(now) {
            let room = self.turn % self.ledger.rooms();
            self.turn += 1;
            self.send(room, due);
        }
        self.flush();
    }

    /// Sends so many messages into the first room, each as soon as the one before is acked and has reached everybody.
    ///
    /// # Errors
    /// When the connections cannot be read. One that does not come is no error here, and ends it.
    pub fn one_by_one(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.send(0, self.fleet.now());
            self.flush();
            self.drain()?;
            if self.ledger.in_flight > 0 {
                break;
            }
        }
        Ok(())
    }

    /// Waits until nothing is on its way, or gives up; what has not come by then is lost.
    pub fn drain(&mut self) -> Result<()> {
        let mut progress = (self.fleet.now(), 0);
        while self.ledger.in_flight > 0 {
            self.fleet.turn(TICK, &mut self.ledger)?;
            let come = self.ledger.delivered + self.ledger.acked;
            if come != progress.1 {
                progress = (self.fleet.now(), come);
            }
            if self.fleet.now() - progress.0 > 10_000_000_000 {
                break;
            }
        }
        self.ledger.done.clear();
        Ok(())
    }

    /// Listens for so long.
    pub fn listen(&mut self, time: Duration) -> Result<()> {
        let end = self.fleet.now() + time.as_nanos() as Nanos;
        while self.fleet.now() < end {
            self.fleet.turn(TICK, &mut self.ledger)?;
        }
        Ok(())
    }

    /// Waits a moment for what should not come, and closes the books.
    pub fn close(mut self) -> Result<Checks> {
        self.listen(Duration::from_millis(300))?;
        Ok(self.ledger.close())
    }
}

/// `message:send` with an ack.
pub fn write_send(packet: &mut Vec<u8>, ack: u32, room: &str, mark: Mark) {
    let Mark { room: place, number, .. } = mark;
    let body = mark.body(BODY);
    packet.clear();
    packet.extend_from_slice(
        format!(
            r#"42{ack}["message:send",{{"conversationId":"{room}","clientId":"00000000-0000-4000-8000-{place:04x}{number:08x}","body":"{body}"}}]"#
        )
        .as_bytes(),
    );
}
