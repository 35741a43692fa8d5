//! `chatconnect-bench run` measures and keeps the figures; `chatconnect-bench report FILE` writes them up;
//! `chatconnect-bench budget` fails when the server needs far more instructions than it may.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chatconnect_bench::{
    budget,
    failure::{Doing, Failure, Result},
    report,
    results::Results,
    suite,
};
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures
    Run {
        #[command(flatten)]
        options: suite::Options,
        /// Writes the report into this folder, too
        #[arg(long)]
        report: Option<PathBuf>,
        /// The section on the web client that `make bench-browser` wrote
        #[arg(long, requires = "report")]
        browser: Option<PathBuf>,
    },
    /// Counts the server's instructions, and fails when they are far over bench/budget.json
    Budget(budget::Options),
    /// Writes BENCHMARKS.md and its pictures
    Report {
        /// What a run has left in bench/results
        results: PathBuf,
        /// The folder of the page
        #[arg(long, default_value = "docs")]
        output: PathBuf,
        /// The section on the web client that `make bench-browser` wrote
        #[arg(long)]
        browser: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run { options, report, browser } => run(&options, report.as_deref(), browser.as_deref()),
        Command::Budget(options) => budget::run(&options),
        Command::Report { results, output, browser } => write_report(&results, &output, browser.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chatconnect-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &suite::Options, folder: Option<&Path>, browser: Option<&Path>) -> Result<()> {
    let (results, file) = suite::run(options)?;
    eprintln!("{:.1} minutes; {}", results.about.minutes, file.display());
    if let Some(folder) = folder {
        fs::create_dir_all(folder).doing(folder.display())?;
        report::write(&results, browser, folder)?;
    }
    match suite::failures(&results) {
        failures if failures.is_empty() => Ok(()),
        failures => Err(Failure::said(format!("not as promised: {}", failures.join("; ")))),
    }
}

fn write_report(results: &Path, output: &Path, browser: Option<&Path>) -> Result<()> {
    let results: Results = serde_json::from_str(&fs::read_to_string(results).doing(results.display())?)?;
    fs::create_dir_all(output).doing(output.display())?;
    report::write(&results, browser, output)
}
