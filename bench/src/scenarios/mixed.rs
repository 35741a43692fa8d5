//! A day in a minute: people write to groups and to each other, type, read, come and go, at rates as in life.

use std::{collections::HashMap, time::Duration};

use hdrhistogram::Histogram;

use super::{Plan, interleave, note_stretch, note_times, wanted};
use crate::{
    failure::Result,
    fleet::Handler,
    lab::{Lab, Server, System, Terms},
    ledger::{Ledger, histogram, record},
    process,
    results::Run,
    sockets::Nanos,
    traffic::{Pace, Traffic},
    world::{Kind, World},
};

pub const NAME: &str = "mixed";
const SERVERS: [System; 4] = [System::Node, System::NodeCluster, System::Embedded, System::Mongodb];
/// Of a hundred people who stay, five more come and go.
const WANDERERS: usize = 20;
const GROUP: usize = 20;
/// A second, for each person: one writes every half a minute, and reads and types a little more often.
const SENDS: f64 = 1.0 / 30.0;
const TYPING: f64 = 1.0 / 25.0;
const READS: f64 = 1.0 / 20.0;
/// A second, for each wanderer.
const RETURNS: f64 = 1.0 / 10.0;
const OTHER: u32 = 1_000_000_000;

pub fn run(lab: &mut Lab, systems: &[System], people: usize, plan: Plan) -> Result<Vec<Run>> {
    let wanderers = people / WANDERERS;
    let mut world = World::new(people + wanderers);
    for first in (0..people).step_by(GROUP / 2) {
        // Everybody is in two groups.
        let mut members: Vec<usize> = (first..first + GROUP).map(|person| person % people).collect();
        members.sort_unstable();
        members.dedup();
        world.add(Kind::Group, members);
    }
    for pair in 0..people / 4 {
        world.add(Kind::Direct, vec![2 * pair, 2 * pair + 1]);
    }
    for wanderer in 0..wanderers {
        world.add(Kind::Direct, vec![wanderer, people + wanderer]);
    }
    let stay = world.rooms.len() - wanderers;
    interleave(&wanted(systems, &SERVERS), plan, |system, _| once(lab, system, &world, people, stay, plan))
}

/// Commands that are no messages.
struct Others {
    /// By client and ack, when it was due.
    asked: HashMap<(usize, u32), Nanos>,
    times: Histogram<u64>,
    syncs: Histogram<u64>,
    /// Wanderers who are let in again, and when they came.
    back: Vec<(usize, Nanos)>,
    came: HashMap<usize, Nanos>,
    count: u32,
    wrong: u64,
}

struct Everything<'a> {
    ledger: &'a mut Ledger,
    others: &'a mut Others,
}

impl Handler for Everything<'_> {
    fn ready(&mut self, client: usize, at: Nanos) {
        let came = self.others.came.get(&client).copied().unwrap_or(at);
        self.others.back.push((client, came));
    }

    fn event(&mut self, client: usize, at: Nanos, event: &[u8]) {
        self.ledger.event(client, at, event);
    }

    fn ack(&mut self, client: usize, at: Nanos, id: u32, arguments: &[u8]) {
        if id < OTHER {
            return self.ledger.ack(client, at, id, arguments);
        }
        let Some(due) = self.others.asked.remove(&(client, id)) else { return };
        let times = if self.others.came.contains_key(&client) {
            &mut self.others.syncs
        } else {
            &mut self.others.times
        };
        record(times, at.saturating_sub(due));
        self.others.wrong += u64::from(!arguments.starts_with(b"[{\"ok\":true"));
    }

    fn closed(&mut self, client: usize, at: Nanos) {
        self.ledger.closed(client, at);
    }
}

fn once(lab: &mut Lab, system: System, world: &World, people: usize, stay: usize, plan: Plan) -> Result<Run> {
    let mut run = Run::new(NAME, people as u64, system);
    let server = lab.launch(system, world, Terms::of(system))?;
    let rooms: Vec<usize> = (1..stay).collect();
    let mut traffic = Traffic::new(&server, world, &rooms, 2)?;
    let everybody: Vec<usize> = (0..world.people).collect();
    traffic.connect(&everybody, 100)?;
    let warm = Duration::from_secs(if plan.quick { 1 } else { 2 });
    traffic.steady(&server, people as f64 * SENDS, Duration::ZERO, warm)?;

    let mut others = Others {
        asked: HashMap::new(),
        times: histogram()?,
        syncs: histogram()?,
        back: Vec::new(),
        came: HashMap::new(),
        count: 0,
        wrong: 0,
    };
    traffic.ledger.time_from(traffic.fleet.now());
    let time = Duration::from_secs(if plan.quick { 5 } else { 12 });
    let before = traffic.read(&server);
    day(&mut traffic, &mut others, &server, world, people, time)?;
    let stretch = traffic.since(&before, &server, true);
    traffic.drain()?;
    note_stretch(&mut run, "day", &stretch);
    run.set("day.rss", process::memory(server.program.pid()).rss as f64);
    note_times(&mut run, "day.ack", &traffic.ledger.ack_times);
    note_times(&mut run, "day.delivery", &traffic.ledger.delivery_times);
    note_times(&mut run, "day.other", &others.times);
    note_times(&mut run, "day.sync", &others.syncs);
    run.checks = traffic.close()?;
    run.checks.refused += others.wrong + others.asked.len() as u64;
    Ok(run)
}

fn day(
    traffic: &mut Traffic,
    others: &mut Others,
    server: &Server,
    world: &World,
    people: usize,
    time: Duration,
) -> Result<()> {
    let start = traffic.fleet.now();
    let end = start + time.as_nanos() as Nanos;
    let crowd = people as f64;
    let wanderers = world.people - people;
    let mut sends = Pace::new(start, crowd * SENDS);
    let mut typing = Pace::new(start, crowd * TYPING);
    let mut reads = Pace::new(start, crowd * READS);
    let mut returns = Pace::new(start, wanderers as f64 * RETURNS);
    let mut gone = 0;
    loop {
        let now = traffic.fleet.now();
        // What is asked for at the end is waited for.
        if now >= end && (others.asked.is_empty() && others.back.is_empty() || now > end + 5_000_000_000) {
            return Ok(());
        }
        if now < end {
            traffic.send_due(&mut sends);
            while let Some(due) = typing.next(now) {
                let on = others.count.is_multiple_of(2);
                command(traffic, others, due, |id, _| {
                    Some(format!(r#""typing:set",{{"conversationId":"{id}","typing":{on}}}"#))
                });
            }
            while let Some(due) = reads.next(now) {
                let numbered = server.system.numbers_messages();
                command(traffic, others, due, |id, seq| match (numbered, seq) {
                    (true, 0) => None,
                    (true, _) => {
                        Some(format!(r#""conversation:read",{{"conversationId":"{id}","seq":{seq}}}"#))
                    }
                    (false, _) => {
                        Some(format!(r#""conversation:read",{{"conversationId":"{id}","messageId":"m"}}"#))
                    }
                });
            }
            while let Some(due) = returns.next(now) {
                let client = people + gone % wanderers;
                gone += 1;
                traffic.fleet.drop_client(client);
                others.asked.retain(|(asked, _), _| *asked != client);
                others.came.insert(client, due);
                traffic.fleet.open(client)?;
            }
        }
        for (client, came) in std::mem::take(&mut others.back) {
            let sync = format!(r#""sync",{{"cursors":{{"{}":0}}}}"#, world.rooms[0].id);
            ask(traffic, others, client, came, &sync);
        }
        let next = [&sends, &typing, &reads, &returns].map(Pace::due).into_iter().min().unwrap_or(now);
        let wait = next.min(now + 5_000_000).saturating_sub(traffic.fleet.now());
        traffic
            .fleet
            .turn(Duration::from_nanos(wait), &mut Everything { ledger: &mut traffic.ledger, others })?;
    }
}

/// Somebody gives a command in one of their rooms.
fn command(
    traffic: &mut Traffic,
    others: &mut Others,
    due: Nanos,
    make: impl Fn(&str, u64) -> Option<String>,
) {
    let (client, id, seq) = traffic.ledger.someone(others.count as usize * 7919);
    let arguments = make(id, seq);
    others.count += 1;
    if let Some(arguments) = arguments {
        ask(traffic, others, client, due, &arguments);
    }
}

fn ask(traffic: &mut Traffic, others: &mut Others, client: usize, due: Nanos, arguments: &str) {
    others.count += 1;
    let id = OTHER + others.count;
    others.asked.insert((client, id), due);
    traffic.fleet.push(client, format!("42{id}[{arguments}]").as_bytes());
    traffic.fleet.flush(client);
}
