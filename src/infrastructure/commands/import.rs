use std::{io, os::fd::AsFd, path::Path, sync::Arc};

use super::{CommandError, databases, progress::Bar, tell};
use crate::{
    adapters::gateways::{
        archive_file::{JsonLinesFile, LineFingerprints},
        system::SystemClock,
    },
    config::data::ImportOptions,
    domain::{interfaces::archive_file::ArchiveFile, usecases::archive::import::Import},
};

pub(super) async fn run(options: &ImportOptions) -> Result<(), CommandError> {
    let archive = if options.input == Path::new("-") {
        let input = io::stdin().as_fd().try_clone_to_owned().map_err(CommandError::Standard)?;
        JsonLinesFile::Open(input.into())
    } else {
        JsonLinesFile::File(options.input.clone())
    };
    if archive.is_lasting() {
        // Before a database is made for it.
        archive.open().await?;
    }
    databases::prepare(&options.database)?;
    let import = Import {
        target: databases::target(&options.database.url()).await?,
        fingerprints: Arc::new(LineFingerprints),
        clock: Arc::new(SystemClock),
        progress: Arc::new(Bar::new()),
    };
    tell("imported", &import.execute(&archive).await?);
    Ok(())
}
