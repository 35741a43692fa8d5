//! `chatconnect-bench run` measures and keeps the figures; `chatconnect-bench report FILE` writes them up.

use std::process::ExitCode;

use chatconnect_bench::{
    failure::{Failure, Result},
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
    Run(suite::Options),
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

fn run(options: &suite::Options) -> Result<()> {
    let (results, file) = suite::run(options)?;
    eprintln!("{:.1} minutes; {}", results.about.minutes, file.display());
    match suite::failures(&results) {
        failures if failures.is_empty() => Ok(()),
        failures => Err(Failure::said(format!("not as promised: {}", failures.join("; ")))),
    }
}
