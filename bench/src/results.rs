//! What was measured, as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{lab::System, ledger::Checks};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Results {
    pub about: About,
    pub runs: Vec<Run>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct About {
    pub started: String,
    pub minutes: f64,
    pub command: String,
    pub commit: String,
    pub machine: BTreeMap<String, String>,
    pub versions: BTreeMap<String, String>,
}

/// One run of one scenario against one server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    pub scenario: String,
    /// What the scenario was run with, such as the number of members.
    pub size: u64,
    pub system: System,
    pub metrics: BTreeMap<String, f64>,
    pub checks: Checks,
}

impl Run {
    pub fn new(scenario: &str, size: u64, system: System) -> Self {
        let (scenario, metrics) = (scenario.to_owned(), BTreeMap::new());
        Self { scenario, size, system, metrics, checks: Checks::default() }
    }

    pub fn set(&mut self, metric: impl Into<String>, value: f64) {
        self.metrics.insert(metric.into(), value);
    }
}

impl Results {
    /// The values of one metric in all its runs.
    pub fn values(&self, scenario: &str, size: u64, system: System, metric: &str) -> Vec<f64> {
        let wanted = |run: &&Run| run.scenario == scenario && run.size == size && run.system == system;
        self.runs.iter().filter(wanted).filter_map(|run| run.metrics.get(metric).copied()).collect()
    }

    pub fn median(&self, scenario: &str, size: u64, system: System, metric: &str) -> Option<f64> {
        median(self.values(scenario, size, system, metric))
    }

    pub fn sizes(&self, scenario: &str) -> Vec<u64> {
        let mut sizes: Vec<u64> =
            self.runs.iter().filter(|run| run.scenario == scenario).map(|run| run.size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }
}

pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { (values[middle - 1] + upper) / 2.0 })
}
