use std::sync::Arc;

use super::{
    CommandError,
    databases::{self, Others},
    progress::Bar,
    tell,
};
use crate::{
    adapters::gateways::{archive_file::LineFingerprints, system::SystemClock},
    config::data::MigrateOptions,
    domain::usecases::archive::migrate::Migrate,
};

pub(super) async fn run(options: &MigrateOptions) -> Result<(), CommandError> {
    let origin = databases::name("--from", &options.from)?;
    if origin == databases::name("--to", &options.to)? {
        return Err(CommandError::SameDatabase);
    }
    let migrate = Migrate {
        source: databases::source(&options.from, Others::Refused).await?,
        target: databases::target(&options.to).await?,
        fingerprints: Arc::new(LineFingerprints),
        clock: Arc::new(SystemClock),
        progress: Arc::new(Bar::new()),
    };
    tell("migrated and compared", &migrate.execute(&origin).await?);
    Ok(())
}
