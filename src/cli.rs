//! The command line.

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue, Error},
};

use crate::config::Config;

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
enum Command {
    /// Run the server (what happens without a command too)
    Serve(Box<Config>),
}

impl Cli {
    pub fn into_config(self) -> Config {
        match self.command {
            Some(Command::Serve(config)) => *config,
            None => self.config,
        }
    }
}

/// Reads the command line and the environment. Help and the version are printed, and the process ends well.
///
/// # Errors
/// One sentence that names the setting at fault.
pub fn parse() -> Result<Config, String> {
    match Cli::try_parse() {
        Ok(cli) => Ok(cli.into_config()),
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            let text = discreet(error).to_string();
            let sentence = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
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
