//! A node has died: its people come to this one, within a second, as clients of Socket.IO do, and each calls `sync`.
//! Meanwhile those who were here all along go on talking.

use std::{collections::VecDeque, time::Duration};

use hdrhistogram::Histogram;
use memchr::memmem;

use super::{Plan, interleave, note_times, wanted};
use crate::{
    failure::{Failure, Result},
    fleet::Handler,
    http::{self, request},
    lab::{Lab, System, Terms},
    ledger::{Ledger, histogram, record},
    results::Run,
    sockets::Nanos,
    traffic::{Pace, Traffic},
    world::{Kind, World},
};

pub const NAME: &str = "storm";
const SERVERS: [System; 4] = [System::Node, System::NodeCluster, System::Embedded, System::Mongodb];
/// Pairs who talk meanwhile, and how many messages they send a second.
const PAIRS: usize = 50;
const TALK: f64 = 100.0;
/// Messages that everybody has missed.
const MISSED: usize = 20;
/// Clients wait for half a second to one and a half before they try again.
const SPREAD: Nanos = 1_000_000_000;
const PATIENCE: Nanos = 90_000_000_000;
/// How long a client of Socket.IO waits for a connection before it tries another one.
const TIMEOUT: Nanos = 20_000_000_000;
/// What a server says that has too much to do. Node answers 408 where it took too long to read a request.
const TURNED_AWAY: [&str; 3] = [" 408 ", " 503 ", "unavailable"];
const SYNC: u32 = 1_000_000_000;

pub fn run(lab: &mut Lab, systems: &[System], arrivals: usize, plan: Plan) -> Result<Vec<Run>> {
    let mut world = World::new(arrivals + 2 * PAIRS);
    for pair in 0..PAIRS {
        world.add(Kind::Direct, vec![arrivals + 2 * pair, arrivals + 2 * pair + 1]);
    }
    interleave(&wanted(systems, &SERVERS), plan, |system, _| once(lab, system, &world, arrivals))
}

/// Those who come back.
struct Arrivals {
    /// When each first came.
    came: Vec<Nanos>,
    to_sync: Vec<usize>,
    /// When each began to connect, in that order, and when it did so last.
    tries: VecDeque<(Nanos, usize)>,
    last_try: Vec<Nanos>,
    /// Who was turned away or cut off before it was in the picture again, and when it tries again.
    to_retry: Vec<(Nanos, usize)>,
    synced: Vec<bool>,
    count: usize,
    retries: u64,
    incomplete: u64,
    last: Nanos,
    times: Histogram<u64>,
}

struct Both<'a> {
    arrivals: &'a mut Arrivals,
    ledger: &'a mut Ledger,
}

impl Both<'_> {
    fn is_arrival(&self, client: usize) -> bool {
        client < self.arrivals.came.len()
    }

    fn retry(&mut self, client: usize, at: Nanos) {
        if !self.arrivals.synced[client] {
            self.arrivals.retries += 1;
            // Between a half and one and a half seconds, spread by who it is.
            let wait = SPREAD / 2 + SPREAD * (client as u64 * 7919 % 1000) / 1000;
            self.arrivals.to_retry.push((at + wait, client));
        }
    }
}

impl Handler for Both<'_> {
    fn ready(&mut self, client: usize, _: Nanos) {
        if self.is_arrival(client) {
            self.arrivals.to_sync.push(client);
        }
    }

    fn event(&mut self, client: usize, at: Nanos, event: &[u8]) {
        self.ledger.event(client, at, event);
    }

    fn ack(&mut self, client: usize, at: Nanos, id: u32, arguments: &[u8]) {
        if id < SYNC {
            return self.ledger.ack(client, at, id, arguments);
        }
        let Arrivals { came, synced, count, incomplete, last, times, .. } = &mut *self.arrivals;
        if std::mem::replace(&mut synced[client], true) {
            return;
        }
        *count += 1;
        *last = at;
        record(times, at - came[client]);
        let missed = (0..MISSED).all(|number| memmem::find(arguments, missed(number).as_bytes()).is_some());
        *incomplete += u64::from(!missed || !arguments.starts_with(b"[{\"ok\":true"));
    }

    fn closed(&mut self, client: usize, at: Nanos) {
        if self.is_arrival(client) && !self.arrivals.synced[client] {
            self.retry(client, at);
        } else {
            self.ledger.closed(client, at);
        }
    }

    fn refused(&mut self, client: usize, answer: &str) -> Result<()> {
        if self.is_arrival(client) && TURNED_AWAY.iter().any(|turned| answer.contains(turned)) {
            // The connection is closed next, and tried again then.
            return Ok(());
        }
        Err(Failure::said(format!("client {client} was refused: {answer}")))
    }
}

fn missed(number: usize) -> String {
    format!("missed message {number:02}")
}

fn once(lab: &mut Lab, system: System, world: &World, arrivals: usize) -> Result<Run> {
    let mut run = Run::new(NAME, arrivals as u64, system);
    let server = lab.launch(system, world, Terms::of(system))?;
    let rooms: Vec<usize> = (1..world.rooms.len()).collect();
    let mut traffic = Traffic::new(&server, world, &rooms, 2)?;
    let bystanders: Vec<usize> = (arrivals..world.people).collect();
    traffic.connect(&bystanders, 50)?;
    let general = &world.rooms[0].id;
    for number in 0..MISSED {
        let body =
            format!(r#"{{"clientId":"00000000-0000-4000-9000-{number:012}","body":"{}"}}"#, missed(number));
        let path = format!("/api/v1/conversations/{general}/messages");
        let (status, _, body) =
            http::ask(server.port, request("POST", &path, &server.cookies[arrivals], &body))?;
        if status != 201 {
            return Err(Failure::said(format!("a message was not taken: {status} {body}")));
        }
    }
    traffic.steady(&server, TALK, Duration::from_secs(1), Duration::from_secs(3))?;
    note_times(&mut run, "before.ack", &traffic.ledger.ack_times);

    let before = server.cpu();
    let start = traffic.fleet.now();
    traffic.ledger.time_from(start);
    let mut state = Arrivals {
        came: (0..arrivals).map(|client| start + SPREAD * client as u64 / arrivals as u64).collect(),
        to_sync: Vec::new(),
        tries: VecDeque::new(),
        last_try: vec![0; arrivals],
        to_retry: Vec::new(),
        synced: vec![false; arrivals],
        count: 0,
        retries: 0,
        incomplete: 0,
        last: start,
        times: histogram()?,
    };
    weather(&mut traffic, &mut state, general, start)?;
    let cpu = server.cpu() - before;
    traffic.drain()?;
    run.set("storm.seconds", (state.last - start) as f64 / 1e9);
    run.set("storm.server_us_per_arrival", cpu.as_secs_f64() * 1e6 / arrivals as f64);
    run.set("storm.retries", state.retries as f64);
    note_times(&mut run, "storm.sync", &state.times);
    note_times(&mut run, "storm.bystander_ack", &traffic.ledger.ack_times);
    run.checks = traffic.close()?;
    run.checks.lost += state.incomplete + (arrivals - state.count) as u64;
    Ok(run)
}

/// Until everybody is back, or nobody can wait any longer.
fn weather(traffic: &mut Traffic, state: &mut Arrivals, general: &str, start: Nanos) -> Result<()> {
    let mut pace = Pace::new(start, TALK);
    let mut next = 0;
    let open = |traffic: &mut Traffic, state: &mut Arrivals, client| {
        let now = traffic.fleet.now();
        state.tries.push_back((now, client));
        state.last_try[client] = now;
        traffic.fleet.open(client)
    };
    while state.count < state.came.len() && traffic.fleet.now() < start + PATIENCE {
        let now = traffic.fleet.now();
        while state.came.get(next).is_some_and(|due| *due <= now) {
            open(traffic, state, next)?;
            next += 1;
        }
        let due: Vec<usize> =
            state.to_retry.extract_if(.., |(due, _)| *due <= now).map(|(_, client)| client).collect();
        for client in due {
            open(traffic, state, client)?;
        }
        while let Some((tried, client)) = state.tries.pop_front_if(|(tried, _)| *tried + TIMEOUT <= now) {
            let connecting = !traffic.fleet.is_ready(client) && !traffic.fleet.is_closed(client);
            if state.last_try[client] == tried && connecting {
                traffic.fleet.drop_client(client);
                Both { arrivals: state, ledger: &mut traffic.ledger }.retry(client, now);
            }
        }
        for client in state.to_sync.drain(..) {
            let sync = format!(r#"42{SYNC}["sync",{{"cursors":{{"{general}":0}}}}]"#);
            traffic.fleet.push(client, sync.as_bytes());
            traffic.fleet.flush(client);
        }
        traffic.send_due(&mut pace);
        let wait = Duration::from_nanos(pace.due().saturating_sub(traffic.fleet.now()).min(1_000_000));
        traffic.fleet.turn(wait, &mut Both { arrivals: state, ledger: &mut traffic.ledger })?;
    }
    Ok(())
}
