//! Where data is kept.

use std::{path::PathBuf, str::FromStr};

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseConfig {
    /// sqlite://<file>; by default the file chatconnect.db in the data directory
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<DatabaseUrl>,

    /// Directory for everything that the server keeps; made when it is missing
    #[arg(long, env = "DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
}

impl DatabaseConfig {
    /// The file of the embedded database.
    pub fn sqlite_file(&self) -> PathBuf {
        match &self.database_url {
            Some(DatabaseUrl::Sqlite(path)) => path.clone(),
            None => self.data_dir.join("chatconnect.db"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err("must be sqlite://<file>".to_owned()),
        }
    }
}
