use std::{io, os::fd::AsFd, path::Path, sync::Arc};

use super::{
    CommandError,
    databases::{self, Others},
    progress::Bar,
    tell,
};
use crate::{
    adapters::gateways::{archive_file::JsonLinesWriter, system::SystemClock},
    config::data::ExportOptions,
    domain::usecases::archive::export::Export,
};

pub(super) async fn run(options: &ExportOptions) -> Result<(), CommandError> {
    let mut archive = if options.output == Path::new("-") {
        JsonLinesWriter::of(io::stdout().as_fd().try_clone_to_owned().map_err(CommandError::Standard)?)
    } else {
        JsonLinesWriter::create(&options.output)?
    };
    let export = Export {
        source: databases::source(&options.database.url(), Others::Welcome).await?,
        clock: Arc::new(SystemClock),
        progress: Arc::new(Bar::new()),
    };
    tell("exported", &export.execute(&mut archive).await?);
    Ok(())
}
