//! Databases by their addresses.

use std::{os::unix::fs::DirBuilderExt, sync::Arc};

use super::CommandError;
use crate::{
    adapters::gateways::sqlite::{SqliteSource, SqliteTarget},
    config::database::{DatabaseConfig, DatabaseUrl},
    domain::interfaces::archive::{ArchiveSource, ArchiveTarget},
};

/// The one that the settings name.
pub(super) fn configured(config: &DatabaseConfig) -> DatabaseUrl {
    DatabaseUrl::Sqlite(config.sqlite_file())
}

/// A database that may be served meanwhile.
pub(super) async fn source(url: &DatabaseUrl) -> Result<Arc<dyn ArchiveSource>, CommandError> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(Arc::new(SqliteSource::open(path)?)),
    }
}

/// A database that no server may use meanwhile.
pub(super) async fn source_alone(url: &DatabaseUrl) -> Result<Arc<dyn ArchiveSource>, CommandError> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(Arc::new(SqliteSource::open_alone(path)?)),
    }
}

/// A database to fill.
pub(super) async fn target(url: &DatabaseUrl) -> Result<Arc<dyn ArchiveTarget>, CommandError> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(Arc::new(SqliteTarget::open(path)?)),
    }
}

/// What a database is called in sentences, the same each time, without secrets.
pub(super) fn name(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.canonicalize().unwrap_or_else(|_| path.clone());
            format!("sqlite://{}", path.display())
        }
    }
}

/// Makes the directory of the data when the database is to be in it and it is missing.
pub(super) fn make_data_directory(config: &DatabaseConfig) -> Result<(), CommandError> {
    if config.database_url.is_some() {
        return Ok(());
    }
    let directory = &config.data_dir;
    // Nobody else's business.
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|cause| CommandError::DataDirectory { path: directory.display().to_string(), cause })
}
