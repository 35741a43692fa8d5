//! Files: where they lie, and how much of them there may be.

use std::{
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use clap::Args;

use super::database::{DatabaseConfig, DatabaseUrl};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Files")]
pub struct UploadConfig {
    /// Where files are kept: file:///<folder>, by default one beside the database file or in the data directory; or
    /// s3://<bucket>/<prefix>, with the usual AWS_* variables
    #[arg(long, env = "BLOB_STORE")]
    pub blob_store: Option<BlobPlace>,

    /// Most bytes of one file
    #[arg(long, env = "UPLOAD_MAX_BYTES", default_value_t = 25_000_000, value_parser = clap::value_parser!(u64).range(1_000..=2_000_000_000))]
    pub upload_max_bytes: u64,

    /// Most files of one person that no message has yet
    #[arg(long, env = "UPLOAD_MAX_UNCLAIMED", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub upload_max_unclaimed: u64,

    /// Hours after which a file that no message has is deleted
    #[arg(long, env = "UPLOAD_UNCLAIMED_HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8_760))]
    pub upload_unclaimed_hours: u32,

    /// Images that are decoded at the same time; each takes up to some hundred MB for a moment
    #[arg(long, env = "UPLOAD_IMAGES_AT_ONCE", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub upload_images_at_once: u16,
}

impl UploadConfig {
    /// The place that was named, or the one that belongs to the database.
    pub fn place(&self, database: &DatabaseConfig) -> BlobPlace {
        let beside = || match database.url() {
            DatabaseUrl::Sqlite(file) => file.with_extension("files"),
            DatabaseUrl::Mongo(_) | DatabaseUrl::Unknown => database.data_dir.join("files"),
        };
        self.blob_store.clone().unwrap_or_else(|| BlobPlace::Beside(beside()))
    }

    pub fn patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.upload_unclaimed_hours) * 3600)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobPlace {
    Folder(PathBuf),
    /// A folder that nobody named: made when the first file comes.
    Beside(PathBuf),
    S3 {
        bucket: String,
        prefix: String,
    },
    /// For tests: gone with the process.
    Memory,
    /// Refused when it is opened.
    Unknown,
}

impl FromStr for BlobPlace {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once("://") {
            Some(("file", path)) if Path::new(path).is_absolute() => Self::Folder(path.into()),
            Some(("s3", rest)) => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                match bucket {
                    "" => Self::Unknown,
                    _ => Self::S3 { bucket: bucket.into(), prefix: prefix.trim_matches('/').into() },
                }
            }
            Some(("memory", "")) => Self::Memory,
            _ => Self::Unknown,
        })
    }
}

impl fmt::Display for BlobPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) | Self::Beside(folder) => write!(f, "file://{}", folder.display()),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::Memory => f.write_str("memory://"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
