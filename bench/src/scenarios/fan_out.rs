//! One room: how many deliveries a second, and what one costs.

use std::time::Duration;

use super::{Plan, ROOM, interleave, note_stretch, note_times, wanted};
use crate::{
    failure::Result,
    lab::{Lab, Server, System, Terms},
    process::Syscalls,
    results::Run,
    traffic::Traffic,
    world::World,
};

pub const NAME: &str = "fan-out";
/// Members who write.
const SENDERS: usize = 10;
const AT_ONCE: usize = 200;
/// Members of the room in which system calls are counted.
const COUNTED: usize = 1_000;

/// Messages on their way at saturation. As many deliveries wait as a server can be told to send without being told
/// too much: larger rooms get fewer.
pub fn window(members: usize) -> usize {
    match members {
        0..=100 => 500,
        101..=3_000 => 100,
        _ => 20,
    }
}

/// Deliveries a second below saturation: what every server can do.
pub fn steady_rate(members: usize) -> f64 {
    if members < 100 { 2_000.0 } else { 20_000.0 }
}

pub fn run(lab: &mut Lab, systems: &[System], members: usize, plan: Plan) -> Result<Vec<Run>> {
    // Both processes of the cluster need most of a minute to let 10,000 in.
    let large = members > 3_000;
    let servers: Vec<System> =
        System::ALL.into_iter().filter(|system| !(large && *system == System::NodeCluster)).collect();
    let systems = wanted(systems, &servers);
    let world = World::crowd(members);
    interleave(&systems, plan, |system, round| once(lab, system, &world, round, plan))
}

fn once(lab: &mut Lab, system: System, world: &World, round: usize, plan: Plan) -> Result<Run> {
    let members = world.people;
    let mut run = Run::new(NAME, members as u64, system);
    let server = lab.launch(system, world, Terms::of(system))?;
    let mut traffic = Traffic::new(&server, world, &[ROOM], SENDERS)?;
    let everybody: Vec<usize> = (0..members).collect();
    let before = server.cpu();
    let took = traffic.connect(&everybody, AT_ONCE)?;
    let cpu = server.cpu() - before;
    run.set("connect.seconds", took.as_secs_f64());
    run.set("connect.server_us", cpu.as_secs_f64() * 1e6 / members as f64);

    let seconds = |full, quick| Duration::from_secs(if plan.quick { quick } else { full });
    let stretch = traffic.saturate(&server, window(members), seconds(1, 1), seconds(3, 2))?;
    note_stretch(&mut run, "saturated", &stretch);
    note_times(&mut run, "saturated.delivery", &traffic.ledger.delivery_times);
    note_times(&mut run, "saturated.ack", &traffic.ledger.ack_times);

    let rate = steady_rate(members) / members as f64;
    let stretch = traffic.steady(&server, rate, seconds(1, 1), seconds(3, 2))?;
    note_stretch(&mut run, "steady", &stretch);
    note_times(&mut run, "steady.delivery", &traffic.ledger.delivery_times);
    note_times(&mut run, "steady.ack", &traffic.ledger.ack_times);

    if round == 0 && members == COUNTED {
        count_calls(&mut run, &mut traffic, &server, members)?;
    }
    run.checks = traffic.close()?;
    Ok(run)
}

/// System calls, in stretches of their own, since to count them costs the server something.
fn count_calls(run: &mut Run, traffic: &mut Traffic, server: &Server, members: usize) -> Result<()> {
    let rate = steady_rate(members) / members as f64;
    let time = Duration::from_secs(2);
    for (prefix, saturated) in [("steady", false), ("saturated", true)] {
        let counting = Syscalls::count(server.program.pid(), time);
        std::thread::sleep(Duration::from_millis(200));
        let delivered = traffic.ledger.delivered;
        if saturated {
            traffic.saturate(server, window(members), Duration::ZERO, time)?;
        } else {
            traffic.steady(server, rate, Duration::ZERO, time)?;
        }
        let delivered = traffic.ledger.delivered - delivered;
        if let Some(calls) = counting.and_then(Syscalls::result) {
            run.set(format!("{prefix}.syscalls_per_delivery"), calls as f64 / delivered.max(1) as f64);
        }
    }
    Ok(())
}
