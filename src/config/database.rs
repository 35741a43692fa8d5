//! Where data is kept.

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseConfig {
    /// sqlite://<file>, by default the file chatconnect.db in the data directory; or
    /// mongodb://<host>,…/<database>?replicaSet=<name>
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<DatabaseUrl>,

    /// Directory for everything that the server keeps; made when it is missing
    #[arg(long, env = "DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
}

impl DatabaseConfig {
    /// Which database it is, the default one when none was named.
    pub fn url(&self) -> DatabaseUrl {
        self.database_url.clone().unwrap_or_else(|| DatabaseUrl::Sqlite(self.data_dir.join("chatconnect.db")))
    }
}

#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The file of the embedded database.
    Sqlite(PathBuf),
    /// A connection string (<https://www.mongodb.com/docs/manual/reference/connection-string/>). It may hold a password,
    /// so it is never printed.
    Mongo(String),
    /// Nothing that a database is named by; refused when it is opened, and not before, since the parser of flags prints
    /// what it refuses, and this may be a mistyped one of the above.
    Unknown,
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Self::Sqlite(path.into()),
            Some(("mongodb" | "mongodb+srv", rest)) if !rest.is_empty() => Self::Mongo(text.to_owned()),
            _ => Self::Unknown,
        })
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => f.debug_tuple("Sqlite").field(file).finish(),
            Self::Mongo(_) => f.write_str("Mongo(…)"),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}
