//! The commands that move data: they open databases and files, run a use case and tell what was done.

mod backup;
mod databases;
mod export;
mod import;
mod make_admin;
mod migrate;
mod progress;

use std::io;

use thiserror::Error;

use crate::{
    adapters::gateways::{new_file::NewFileError, sqlite::BackupError},
    config::data::DataCommand,
    domain::{entities::archive::Summary, error::archive::ArchiveError},
    infrastructure::database::StorageError,
};

/// Why a command was not carried out: one sentence with the cause and the remedy.
#[derive(Debug, Error)]
pub enum CommandError {
    #[error("{0}")]
    Archive(#[from] ArchiveError),
    #[error("{0}")]
    Storage(#[from] StorageError),
    #[error("{0}")]
    File(#[from] NewFileError),
    #[error("{0}")]
    Backup(#[from] BackupError),
    #[error("{0} must be sqlite://<file> or mongodb://<host>/<database>")]
    Address(&'static str),
    #[error("only SQLite databases are copied by `backup`: use mongodump --oplog, or `chatconnect export`")]
    NotAFile,
    #[error("--from and --to are the same database")]
    SameDatabase,
    #[error("standard input and output cannot be used: {0}")]
    Standard(io::Error),
    #[error("{0}")]
    Account(String),
    #[error("interrupted")]
    Interrupted,
    #[error("interrupted: give the same command again, which goes on with it")]
    Paused,
    #[error("the work was not finished: {0}")]
    Failed(String),
}

/// Runs until it is done or `stop` ends.
///
/// # Errors
/// See [`CommandError`].
pub async fn run(command: &DataCommand, stop: impl Future<Output = ()>) -> Result<(), CommandError> {
    let (work, interrupted): (BoxFuture<'_>, _) = match command {
        DataCommand::Backup(options) => return backup::run(options, stop).await,
        DataCommand::Export(options) => (Box::pin(export::run(options)), CommandError::Interrupted),
        DataCommand::Import(options) => (Box::pin(import::run(options)), CommandError::Paused),
        DataCommand::MakeAdmin(options) => (Box::pin(make_admin::run(options)), CommandError::Interrupted),
        DataCommand::Migrate(options) => (Box::pin(migrate::run(options)), CommandError::Paused),
    };
    tokio::select! {
        outcome = work => outcome,
        () = stop => Err(interrupted),
    }
}

type BoxFuture<'f> = std::pin::Pin<Box<dyn Future<Output = Result<(), CommandError>> + 'f>>;

/// What was done, on stderr: stdout may be an archive.
fn tell(done: &str, Summary { counts, checksum }: &Summary) {
    say(&format!("{done} {counts}; sha256 {checksum}"));
}

fn say(line: &str) {
    // Who asked may have gone away; what was done is done.
    drop(io::Write::write_fmt(&mut io::stderr(), format_args!("{line}\n")));
}
