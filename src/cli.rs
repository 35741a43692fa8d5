//! The command line.

use clap::{Parser, Subcommand};

use crate::config::{Config, data::DataCommand};

/// A self-hosted realtime chat that speaks the Socket.IO protocol.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server (what happens without a command too)
    Serve(Box<Config>),
    #[command(flatten)]
    Data(DataCommand),
}

impl Cli {
    /// What is to be done.
    pub fn into_command(self) -> Command {
        self.command.unwrap_or_else(|| Command::Serve(Box::new(self.config)))
    }

    /// The settings of the server.
    pub fn into_config(self) -> Config {
        match self.command {
            Some(Command::Serve(config)) => *config,
            Some(Command::Data(_)) | None => self.config,
        }
    }
}

/// Reads the command line and the environment. Help and the version are printed, and the process ends well.
///
/// # Errors
/// One sentence that names the setting at fault.
pub fn parse() -> Result<Command, String> {
    match Cli::try_parse() {
        Ok(cli) => Ok(cli.into_command()),
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            let text = error.to_string();
            let sentence = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            Err(format!("{sentence}; `chatconnect --help` lists the settings"))
        }
    }
}
