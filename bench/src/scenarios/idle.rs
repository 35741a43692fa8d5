//! Connections on which nothing happens: what they cost in memory.

use std::time::Duration;

use super::{Plan, interleave, wanted};
use crate::{
    failure::Result,
    lab::{Lab, Server, System, Terms},
    process::{self, Memory},
    results::Run,
    traffic::Traffic,
    world::World,
};

pub const NAME: &str = "idle";
const AT_ONCE: usize = 200;
/// Memory has come to rest by then.
const SETTLE: Duration = Duration::from_secs(2);
/// How many connections are watched while nothing happens.
const WATCHED: usize = 10_000;

pub fn run(lab: &mut Lab, systems: &[System], connections: usize, plan: Plan) -> Result<Vec<Run>> {
    let world = World::new(connections);
    // More than that take Node minutes only to connect.
    let servers: &[System] = match connections {
        0..=1_000 => &System::ALL,
        1_001..=10_000 => &[System::Node, System::Embedded, System::Mongodb, System::Ceiling],
        _ => &[System::Embedded, System::Ceiling],
    };
    interleave(&wanted(systems, servers), plan, |system, round| once(lab, system, &world, round, plan))
}

fn once(lab: &mut Lab, system: System, world: &World, round: usize, plan: Plan) -> Result<Run> {
    let connections = world.people;
    let mut run = Run::new(NAME, connections as u64, system);
    let server = lab.launch(system, world, Terms::of(system))?;
    std::thread::sleep(SETTLE);
    let empty = note_memory(&mut run, "empty", &server);
    let mut traffic = Traffic::new(&server, world, &[], 1)?;
    let everybody: Vec<usize> = (0..connections).collect();
    let before = server.cpu();
    let took = traffic.connect(&everybody, AT_ONCE)?;
    let cpu = server.cpu() - before;
    run.set("connect.seconds", took.as_secs_f64());
    run.set("connect.server_us", cpu.as_secs_f64() * 1e6 / connections as f64);
    traffic.listen(SETTLE)?;
    let full = note_memory(&mut run, "full", &server);
    let each = |full: u64, empty: u64| full.saturating_sub(empty) as f64 / connections as f64;
    run.set("rss_per_connection", each(full.rss, empty.rss));
    run.set("pss_per_connection", each(full.pss, empty.pss));
    if round == 0 && connections == WATCHED && !plan.quick {
        // Pings come every 25 seconds.
        let time = Duration::from_secs(25);
        let before = server.cpu();
        traffic.listen(time)?;
        let cpu = server.cpu() - before;
        run.set("idle.server_cpu", cpu.as_secs_f64() / time.as_secs_f64());
    }
    run.checks = traffic.close()?;
    Ok(run)
}

fn note_memory(run: &mut Run, prefix: &str, server: &Server) -> Memory {
    let memory = process::memory(server.program.pid());
    run.set(format!("{prefix}.rss"), memory.rss as f64);
    run.set(format!("{prefix}.pss"), memory.pss as f64);
    memory
}
