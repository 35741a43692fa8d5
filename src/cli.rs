//! The command line.

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue, Error},
};

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
            let text = discreet(error).to_string();
            let lines: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            let sentence = lines.join(" ");
            let sentence = sentence.trim_start_matches("error: ");
            Err(format!("{sentence}; `chatconnect --help` lists the settings"))
        }
    }
}

/// A setting that may hold a password, which no message repeats.
const SECRET: &str = "--redis-url";

fn discreet(mut error: Error) -> Error {
    let is_secret = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.starts_with(SECRET),
        _ => false,
    };
    if is_secret {
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_refused_is_not_repeated() {
        let Err(error) = Cli::try_parse_from(["chatconnect", SECRET, "ftp://user:hunter2@host"]) else {
            panic!("anything is an address");
        };
        let text = discreet(error).to_string();
        let first = text.lines().next().unwrap();
        assert!(!text.contains("hunter2") && first.contains(SECRET) && first.contains("must be"), "{text}");
    }
}
