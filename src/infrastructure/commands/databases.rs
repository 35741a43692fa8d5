//! Databases by their addresses.

use std::sync::Arc;

use super::{CommandError, say};
use crate::{
    adapters::gateways::{
        mongo::{self, MongoSource, MongoTarget},
        sqlite::{SqliteSource, SqliteTarget},
    },
    config::database::{DatabaseConfig, DatabaseUrl},
    domain::interfaces::archive::{ArchiveSource, ArchiveTarget},
    infrastructure::database::{StorageError, make_data_dir},
};

/// Who else may use a database while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    Welcome,
    Refused,
}

pub(super) async fn source(
    url: &DatabaseUrl,
    others: Others,
) -> Result<Arc<dyn ArchiveSource>, StorageError> {
    match (url, others) {
        (DatabaseUrl::Sqlite(path), Others::Welcome) => Ok(Arc::new(SqliteSource::open(path)?)),
        (DatabaseUrl::Sqlite(path), Others::Refused) => Ok(Arc::new(SqliteSource::open_alone(path)?)),
        (DatabaseUrl::Mongo(url), others) => {
            let source = match others {
                Others::Welcome => MongoSource::open(url).await?,
                Others::Refused => MongoSource::open_alone(url).await?,
            };
            if source.waiting() > 0 {
                say(&format!(
                    "left behind: {} people of another application who have not signed in yet",
                    source.waiting()
                ));
            }
            Ok(Arc::new(source))
        }
        (DatabaseUrl::Unknown, _) => Err(StorageError::Unknown),
    }
}

/// A database to fill.
pub(super) async fn target(url: &DatabaseUrl) -> Result<Arc<dyn ArchiveTarget>, StorageError> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(Arc::new(SqliteTarget::open(path)?)),
        DatabaseUrl::Mongo(url) => Ok(Arc::new(MongoTarget::open(url).await?)),
        DatabaseUrl::Unknown => Err(StorageError::Unknown),
    }
}

/// What the database of `flag` is called in sentences, the same each time, without secrets.
pub(super) fn name(flag: &'static str, url: &DatabaseUrl) -> Result<String, CommandError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.canonicalize().unwrap_or_else(|_| path.clone());
            Ok(format!("sqlite://{}", path.display()))
        }
        DatabaseUrl::Mongo(url) => Ok(mongo::name(url).map_err(StorageError::from)?),
        DatabaseUrl::Unknown => Err(CommandError::Address(flag)),
    }
}

/// Makes the directory of the data when the database is to be in it and it is missing.
pub(super) fn prepare(config: &DatabaseConfig) -> Result<(), StorageError> {
    match config.database_url {
        None => make_data_dir(&config.data_dir),
        Some(_) => Ok(()),
    }
}
