//! What ChatConnect is to reach, and whether it did.

use super::format::{number, table};
use crate::{
    lab::System::{self, Ceiling, Embedded, Mongodb, Node, NodeCluster},
    results::Results,
    scenarios::{direct, fan_out, history, idle, storm},
};

/// A figure of one server, or its ratio to the same figure of another.
struct Target {
    what: &'static str,
    scenario: &'static str,
    size: u64,
    metric: &'static str,
    system: System,
    to: Option<System>,
    limit: Limit,
    /// Divides the figure, and stands behind it.
    unit: (f64, &'static str),
}

enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

use Limit::{AtLeast, AtMost};

const TIMES: (f64, &str) = (1.0, " ×");
const MS: (f64, &str) = (1.0, " ms");
const S: (f64, &str) = (1.0, " s");
const KB: (f64, &str) = (1e3, " kB");
const MB: (f64, &str) = (1e6, " MB");

const fn ratio(
    what: &'static str,
    (scenario, size): (&'static str, u64),
    metric: &'static str,
    (system, to): (System, System),
    limit: Limit,
) -> Target {
    Target { what, scenario, size, metric, system, to: Some(to), limit, unit: TIMES }
}

const fn figure(
    what: &'static str,
    (scenario, size): (&'static str, u64),
    metric: &'static str,
    system: System,
    limit: Limit,
    unit: (f64, &'static str),
) -> Target {
    Target { what, scenario, size, metric, system, to: None, limit, unit }
}

const ROOM: (&str, u64) = (fan_out::NAME, 1_000);
const PAIRS: (&str, u64) = (direct::NAME, 1_000);
const IDLE: (&str, u64) = (idle::NAME, 10_000);
const STORM: (&str, u64) = (storm::NAME, 10_000);
const STORED: (&str, u64) = (history::NAME, 1_000_000);
const DELIVERIES: &str = "saturated.deliveries_per_second";
const SENDS: &str = "saturated.sends_per_second";

const TARGETS: &[Target] = &[
    ratio(
        "Fan-out at saturation, deliveries/s: MongoDB to one process of Node",
        ROOM,
        DELIVERIES,
        (Mongodb, Node),
        AtLeast(20.0),
    ),
    ratio("the same, to Node's cluster of 2", ROOM, DELIVERIES, (Mongodb, NodeCluster), AtLeast(8.0)),
    ratio(
        "CPU per delivery at saturation: MongoDB to the ceiling",
        ROOM,
        "saturated.server_us_per_delivery",
        (Mongodb, Ceiling),
        AtMost(3.0),
    ),
    ratio(
        "the same at 20,000 deliveries/s",
        ROOM,
        "steady.server_us_per_delivery",
        (Mongodb, Ceiling),
        AtMost(1.5),
    ),
    ratio(
        "Direct messages at saturation, sends/s: MongoDB to Node",
        PAIRS,
        SENDS,
        (Mongodb, Node),
        AtLeast(7.0),
    ),
    ratio(
        "CPU of the server per message: MongoDB to Node",
        PAIRS,
        "saturated.server_us_per_send",
        (Mongodb, Node),
        AtMost(0.125),
    ),
    ratio(
        "p99 ack at half of Node's capacity: MongoDB to Node",
        PAIRS,
        "steady.ack_p99_ms",
        (Mongodb, Node),
        AtMost(1.0 / 3.0),
    ),
    ratio("sends/s: embedded to MongoDB", PAIRS, SENDS, (Embedded, Mongodb), AtLeast(1.0)),
    figure("RSS per idle connection, 10,000 of them", IDLE, "rss_per_connection", Embedded, AtMost(11e3), KB),
    figure("RSS with 100,000 connections", (idle::NAME, 100_000), "full.rss", Embedded, AtMost(1.2e9), MB),
    figure("RSS with nobody connected", IDLE, "empty.rss", Embedded, AtMost(25e6), MB),
    figure("10,000 are back, embedded", STORM, "storm.seconds", Embedded, AtMost(10.0), S),
    figure("10,000 are back, MongoDB", STORM, "storm.seconds", Mongodb, AtMost(10.0), S),
    figure(
        "p99 ack of the others meanwhile, embedded",
        STORM,
        "storm.bystander_ack_p99_ms",
        Embedded,
        AtMost(250.0),
        MS,
    ),
    figure(
        "p99 ack of the others meanwhile, MongoDB",
        STORM,
        "storm.bystander_ack_p99_ms",
        Mongodb,
        AtMost(250.0),
        MS,
    ),
    figure(
        "p99 of a history page at 1,000,000 messages, embedded",
        STORED,
        "page_p99_ms",
        Embedded,
        AtMost(2.0),
        MS,
    ),
    figure(
        "p99 of a history page at 1,000,000 messages, MongoDB",
        STORED,
        "page_p99_ms",
        Mongodb,
        AtMost(2.0),
        MS,
    ),
    figure(
        "p99 of a search at 1,000,000 messages, embedded",
        STORED,
        "search_p99_ms",
        Embedded,
        AtMost(20.0),
        MS,
    ),
    figure(
        "p99 of a search at 1,000,000 messages, MongoDB",
        STORED,
        "search_p99_ms",
        Mongodb,
        AtMost(20.0),
        MS,
    ),
];

impl Target {
    fn measured(&self, results: &Results) -> Option<f64> {
        let of = |system| results.median(self.scenario, self.size, system, self.metric);
        let value = of(self.system)?;
        match self.to {
            Some(other) => of(other).filter(|other| *other > 0.0).map(|other| value / other),
            None => Some(value),
        }
    }

    fn row(&self, results: &Results) -> Vec<String> {
        let (by, unit) = self.unit;
        let (sign, limit) = match self.limit {
            AtLeast(limit) => ("≥", limit),
            AtMost(limit) => ("≤", limit),
        };
        let wanted = format!("{sign} {}{unit}", number(limit / by));
        let Some(measured) = self.measured(results) else {
            return vec![self.what.to_owned(), wanted, "not measured".to_owned(), String::new()];
        };
        let met = match self.limit {
            AtLeast(limit) => measured >= limit,
            AtMost(limit) => measured <= limit,
        };
        let verdict = if met { "met" } else { "**not met**" };
        vec![self.what.to_owned(), wanted, format!("{}{unit}", number(measured / by)), verdict.to_owned()]
    }
}

pub fn targets(results: &Results) -> String {
    let rows = TARGETS.iter().map(|target| target.row(results)).collect();
    table(&["", "target", "measured", ""], rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{About, Run};

    #[test]
    fn a_target_is_met_or_not_or_was_not_measured() {
        let mut results = Results { about: About::default(), runs: Vec::new() };
        for (system, value) in [(Node, 10.0), (Mongodb, 190.0), (Mongodb, 200.0), (Mongodb, 900.0)] {
            let mut run = Run::new(fan_out::NAME, 1_000, system);
            run.set(DELIVERIES, value);
            results.runs.push(run);
        }
        let shown = |place: usize| TARGETS[place].row(&results)[1..].join("; ");
        assert_eq!(shown(0), "≥ 20.0 ×; 20.0 ×; met");
        assert_eq!(shown(1), "≥ 8.00 ×; not measured; ");
        results.runs[0].set(DELIVERIES, 10.1);
        assert_eq!(TARGETS[0].row(&results)[3], "**not met**");
    }
}
