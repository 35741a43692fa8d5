//! One file a scenario: a world, a load, what is written down.

pub mod direct;
pub mod fan_out;
pub mod history;
pub mod idle;
pub mod login;
pub mod mixed;
pub mod nodes;
pub mod storm;

use hdrhistogram::Histogram;

use crate::{failure::Result, lab::System, results::Run, traffic::Stretch};

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub runs: usize,
    pub quick: bool,
}

/// Writes what a stretch has cost, under names that begin with `prefix`.
fn note_stretch(run: &mut Run, prefix: &str, stretch: &Stretch) {
    let Stretch { seconds, sends, deliveries, server_cpu, mongod_cpu, generator_cpu, bytes, kept_up } =
        *stretch;
    run.set(format!("{prefix}.sends_per_second"), sends as f64 / seconds);
    run.set(format!("{prefix}.deliveries_per_second"), deliveries as f64 / seconds);
    run.set(format!("{prefix}.server_cpu"), server_cpu / (seconds * 1e6));
    run.set(format!("{prefix}.company_cpu"), (mongod_cpu + generator_cpu) / (seconds * 1e6));
    run.set(format!("{prefix}.kept_up"), f64::from(u8::from(kept_up)));
    if sends > 0 {
        run.set(format!("{prefix}.server_us_per_send"), server_cpu / sends as f64);
        if mongod_cpu > 0.0 {
            run.set(format!("{prefix}.mongod_us_per_send"), mongod_cpu / sends as f64);
        }
    }
    if deliveries > 0 {
        run.set(format!("{prefix}.server_us_per_delivery"), server_cpu / deliveries as f64);
        run.set(format!("{prefix}.bytes_per_delivery"), bytes as f64 / deliveries as f64);
    }
}

/// Writes percentiles in milliseconds.
fn note_times(run: &mut Run, prefix: &str, times: &Histogram<u64>) {
    if times.is_empty() {
        return;
    }
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999), ("max", 1.0)] {
        run.set(format!("{prefix}_{name}_ms"), times.value_at_quantile(quantile) as f64 / 1000.0);
    }
}

/// Runs a scenario against every server, one after the other, and then all of them again: what the machine does
/// meanwhile meets all alike.
fn interleave(
    systems: &[System],
    plan: Plan,
    mut scenario: impl FnMut(System, usize) -> Result<Run>,
) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for round in 0..plan.runs {
        for &system in systems {
            let run = scenario(system, round)?;
            tell(&run, round);
            runs.push(run);
        }
    }
    Ok(runs)
}

/// Says what came out, for whoever waits.
fn tell(run: &Run, round: usize) {
    let shown: Vec<String> = run.metrics.iter().map(|(name, value)| format!("{name} {value:.2}")).collect();
    let Run { scenario, size, system, checks, .. } = run;
    let system = system.name();
    eprintln!("  {scenario} {size}, round {}, {system}: {}; {checks:?}", round + 1, shown.join(", "));
}

/// The servers that a scenario is for, of those that were asked for.
fn wanted(systems: &[System], of: &[System]) -> Vec<System> {
    systems.iter().copied().filter(|system| of.contains(system)).collect()
}

/// The room of a scenario beside the channel that everybody is in.
const ROOM: usize = 1;
