//! Two by two: messages that are durable before they are acked.

use std::time::Duration;

use super::{Plan, interleave, note_stretch, note_times, wanted};
use crate::{
    failure::Result,
    lab::{Lab, System, Terms},
    results::{Run, median},
    traffic::Traffic,
    world::World,
};

pub const NAME: &str = "direct";
const SERVERS: [System; 4] = [System::Node, System::NodeCluster, System::Embedded, System::Mongodb];
const AT_ONCE: usize = 200;
/// Messages on their way in each conversation at saturation.
const WINDOW: usize = 1;
/// Sends a second where nobody has measured what Node can do.
const DEFAULT_RATE: f64 = 500.0;

pub fn run(lab: &mut Lab, systems: &[System], pairs: usize, plan: Plan) -> Result<Vec<Run>> {
    let world = World::pairs(pairs);
    let mut node = Vec::new();
    interleave(&wanted(systems, &SERVERS), plan, |system, _| {
        // Node comes first, and half of what it can do is the same rate for all.
        let half = median(node.clone()).map(|capacity| capacity / 2.0);
        let run = once(lab, system, &world, half, plan)?;
        if system == System::Node && node.is_empty() {
            node.extend(run.metrics.get("saturated.sends_per_second"));
        }
        Ok(run)
    })
}

fn once(lab: &mut Lab, system: System, world: &World, rate: Option<f64>, plan: Plan) -> Result<Run> {
    let rooms: Vec<usize> = (1..world.rooms.len()).collect();
    let mut run = Run::new(NAME, rooms.len() as u64, system);
    let server = lab.launch(system, world, Terms::of(system))?;
    let mut traffic = Traffic::new(&server, world, &rooms, 2)?;
    let everybody: Vec<usize> = (0..world.people).collect();
    traffic.connect(&everybody, AT_ONCE)?;

    let seconds = |full, quick| Duration::from_secs(if plan.quick { quick } else { full });
    let stretch = traffic.saturate(&server, WINDOW, seconds(1, 1), seconds(4, 3))?;
    note_stretch(&mut run, "saturated", &stretch);
    note_times(&mut run, "saturated.ack", &traffic.ledger.ack_times);

    let own = if system == System::Node { Some(stretch.sends as f64 / stretch.seconds / 2.0) } else { None };
    let rate = rate.or(own).unwrap_or(DEFAULT_RATE);
    let stretch = traffic.steady(&server, rate, seconds(1, 1), seconds(4, 3))?;
    run.set("steady.rate", rate);
    note_stretch(&mut run, "steady", &stretch);
    note_times(&mut run, "steady.ack", &traffic.ledger.ack_times);
    note_times(&mut run, "steady.delivery", &traffic.ledger.delivery_times);
    run.checks = traffic.close()?;
    Ok(run)
}
