//! One room on one node and on two: what the second costs and brings, on the same cores.

use std::time::Duration;

use super::{Plan, ROOM, fan_out, interleave, note_stretch, note_times, wanted};
use crate::{
    failure::Result,
    lab::{Lab, System, Terms},
    process::Place,
    results::Run,
    traffic::Traffic,
    world::World,
};

pub const NAME: &str = "nodes";
const MEMBERS: usize = 1_000;
const SENDERS: usize = 10;

pub fn run(lab: &mut Lab, systems: &[System], nodes: usize, plan: Plan) -> Result<Vec<Run>> {
    let world = World::crowd(MEMBERS);
    interleave(&wanted(systems, &[System::Mongodb]), plan, |system, _| once(lab, system, &world, nodes, plan))
}

fn once(lab: &mut Lab, system: System, world: &World, nodes: usize, plan: Plan) -> Result<Run> {
    let mut run = Run::new(NAME, nodes as u64, system);
    let terms = Terms { place: Place::Everywhere, ..Terms::of(system) };
    let mut server = lab.launch(system, world, terms)?;
    let mut ports = vec![server.port];
    while ports.len() < nodes {
        ports.push(lab.join(&mut server, terms)?);
    }
    let mut traffic = Traffic::new(&server, world, &[ROOM], SENDERS)?;
    for (node, port) in ports.iter().enumerate() {
        let clients: Vec<usize> = (0..MEMBERS).filter(|client| client % ports.len() == node).collect();
        traffic.fleet.turn_to(*port);
        traffic.connect(&clients, 100)?;
    }
    let seconds = |full, quick| Duration::from_secs(if plan.quick { quick } else { full });
    let stretch = traffic.saturate(&server, fan_out::window(MEMBERS), seconds(2, 1), seconds(5, 3))?;
    note_stretch(&mut run, "saturated", &stretch);
    note_times(&mut run, "saturated.delivery", &traffic.ledger.delivery_times);
    let rate = fan_out::steady_rate(MEMBERS) / MEMBERS as f64;
    let stretch = traffic.steady(&server, rate, seconds(1, 1), seconds(5, 3))?;
    note_stretch(&mut run, "steady", &stretch);
    note_times(&mut run, "steady.ack", &traffic.ledger.ack_times);
    note_times(&mut run, "steady.delivery", &traffic.ledger.delivery_times);
    run.checks = traffic.close()?;
    Ok(run)
}
