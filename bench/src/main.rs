//! `chatconnect-bench run` measures and writes the report; `chatconnect-bench report FILE` writes it again.

use std::{path::PathBuf, process::ExitCode};

use chatconnect_bench::{
    failure::{Failure, Result},
    lab::{Lab, System},
    ledger::Checks,
    process,
    results::Run,
    scenarios::{Plan, direct, fan_out},
};
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures, and keeps what was measured in bench/results
    Run(Options),
}

#[derive(clap::Args)]
struct Options {
    /// The checkout
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// The server, by default the release build
    #[arg(long)]
    server: Option<PathBuf>,
    /// One short run of everything
    #[arg(long)]
    quick: bool,
    /// How often everything is run
    #[arg(long)]
    runs: Option<usize>,
    /// Only these scenarios
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these servers
    #[arg(long, value_delimiter = ',')]
    systems: Vec<System>,
    /// Members, pairs or connections, instead of those of the scenario
    #[arg(long)]
    size: Option<usize>,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(options) => run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chatconnect-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    process::raise_descriptors(1_000_000);
    let root = options.root.canonicalize().map_err(|error| Failure::said(error.to_string()))?;
    let binary = options.server.clone().unwrap_or_else(|| root.join("target/release/chatconnect"));
    let mut lab = Lab::open(&root, binary)?;
    let plan = Plan { runs: options.runs.unwrap_or(if options.quick { 1 } else { 3 }), quick: options.quick };
    let systems = if options.systems.is_empty() { System::ALL.to_vec() } else { options.systems.clone() };
    let mut runs: Vec<Run> = Vec::new();
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    if wanted(fan_out::NAME) {
        let sizes = options.size.map_or(vec![10, 1_000, 10_000], |size| vec![size]);
        for members in sizes {
            runs.extend(fan_out::run(&mut lab, &systems, members, plan)?);
        }
    }
    if wanted(direct::NAME) {
        runs.extend(direct::run(&mut lab, &systems, options.size.unwrap_or(1_000), plan)?);
    }
    println!("{}", serde_json::to_string_pretty(&runs)?);
    let mut checks = Checks::default();
    runs.iter().for_each(|run| checks.add(run.checks));
    if checks != Checks::default() {
        return Err(Failure::said(format!("messages were not delivered as promised: {checks:?}")));
    }
    Ok(())
}
