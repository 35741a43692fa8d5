//! All scenarios, in the order of the report.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    about,
    failure::{Doing, Failure, Result},
    lab::{Lab, System},
    process,
    results::{Results, Run},
    scenarios::{Plan, direct, fan_out, history, idle, login, mixed, nodes, storm},
};

/// Measures these servers at one size.
type Scenario = fn(&mut Lab, &[System], usize, Plan) -> Result<Vec<Run>>;

struct Part {
    name: &'static str,
    sizes: &'static [usize],
    quick: &'static [usize],
    run: Scenario,
}

const PARTS: &[Part] = &[
    Part { name: fan_out::NAME, sizes: &[10, 1_000, 10_000], quick: &[1_000], run: fan_out::run },
    Part { name: direct::NAME, sizes: &[1_000], quick: &[200], run: direct::run },
    Part { name: idle::NAME, sizes: &[1_000, 10_000, 100_000], quick: &[1_000], run: idle::run },
    Part { name: storm::NAME, sizes: &[10_000], quick: &[1_000], run: storm::run },
    Part { name: login::NAME, sizes: &[10], quick: &[10], run: login::run },
    Part { name: mixed::NAME, sizes: &[1_000], quick: &[200], run: mixed::run },
    Part { name: nodes::NAME, sizes: &[1, 2], quick: &[2], run: nodes::run },
    Part { name: history::NAME, sizes: &[10_000, 1_000_000], quick: &[10_000], run: history::run },
];

#[derive(clap::Args)]
pub struct Options {
    /// The checkout
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// The server, by default the release build
    #[arg(long)]
    server: Option<PathBuf>,
    /// One short run of everything, at smaller sizes
    #[arg(long)]
    quick: bool,
    /// How often everything is run, by default three times
    #[arg(long)]
    runs: Option<usize>,
    /// Only these scenarios
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these servers
    #[arg(long, value_delimiter = ',')]
    systems: Vec<System>,
    /// Members, pairs, connections or messages, instead of those of the scenario
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
    /// Where the results go, by default a new file in bench/results
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Descriptors that are not connections.
const SPARE: usize = 1_000;
const DESCRIPTORS: u64 = 250_000;

/// Measures, and answers what was measured and the file that holds it.
///
/// # Errors
/// When something could not be measured. A run in which a message was lost is no error here; see [`failures`].
pub fn run(options: &Options) -> Result<(Results, PathBuf)> {
    let descriptors = process::raise_descriptors(DESCRIPTORS);
    let root = options.root.canonicalize().doing("looking for the checkout")?;
    let binary = options.server.clone().unwrap_or_else(|| root.join("target/release/chatconnect"));
    let plan = Plan { runs: options.runs.unwrap_or(if options.quick { 1 } else { 3 }), quick: options.quick };
    let systems = if options.systems.is_empty() { System::ALL.to_vec() } else { options.systems.clone() };
    for only in &options.only {
        if !PARTS.iter().any(|part| part.name == only) {
            return Err(Failure::said(format!("there is no scenario {only}")));
        }
    }
    let begin = Instant::now();
    let mut lab = Lab::open(&root, binary)?;
    let mut results = Results { about: about::about(&root, &lab, descriptors)?, runs: Vec::new() };
    let output = options.output.clone().unwrap_or_else(|| {
        root.join(format!("bench/results/{}.json", results.about.started.replace(':', "-")))
    });
    for part in PARTS
        .iter()
        .filter(|part| options.only.is_empty() || options.only.iter().any(|only| only == part.name))
    {
        let sizes = match (&options.sizes[..], plan.quick) {
            ([], true) => part.quick,
            ([], false) => part.sizes,
            (sizes, _) => sizes,
        };
        for &size in sizes {
            // A server cannot have more connections than descriptors.
            let size = if part.name == idle::NAME { size.min(descriptors as usize - SPARE) } else { size };
            eprintln!("{} {size}, after {:.1} minutes", part.name, begin.elapsed().as_secs_f64() / 60.0);
            results.runs.extend((part.run)(&mut lab, &systems, size, plan)?);
            results.about.minutes = begin.elapsed().as_secs_f64() / 60.0;
            // What was measured is kept, also when what comes next fails.
            save(&output, &results)?;
        }
    }
    Ok((results, output))
}

fn save(path: &Path, results: &Results) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).doing(folder.display())?;
    }
    fs::write(path, serde_json::to_string_pretty(results)?).doing(path.display())
}

/// Runs in which something was lost, doubled, out of order, refused or cut off.
pub fn failures(results: &Results) -> Vec<String> {
    let failed = |run: &&Run| run.checks.failed(run.system.numbers_messages());
    let told = |run: &Run| format!("{} {}, {}: {:?}", run.scenario, run.size, run.system.name(), run.checks);
    results.runs.iter().filter(failed).map(told).collect()
}
