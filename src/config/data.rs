//! The commands that move data and what they take.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::database::{DatabaseConfig, DatabaseUrl};

#[derive(Debug, Clone, Subcommand)]
pub enum DataCommand {
    /// Write everything into an archive, which `import` reads on every kind of database
    ///
    /// The format is described in docs/ARCHIVE.md. An archive holds what people wrote and their password hashes. It shows
    /// one moment of the database, also while servers run on it.
    Export(ExportOptions),

    /// Fill the empty database from an archive
    ///
    /// A file is checked before anything is stored, and compared with the database afterwards. An import that was
    /// interrupted goes on when the same archive is given again; until it is finished no server starts on the database.
    Import(ImportOptions),

    /// Carry everything from one database into another, empty one
    ///
    /// Stop the server first. A migration that was interrupted goes on when the same command is given again; until it is
    /// finished no server starts on the target. At the end both sides are read again and compared.
    Migrate(MigrateOptions),

    /// Copy the SQLite database into one new file, also while a server runs on it
    ///
    /// The copy holds everything that was acked when the backup began; a server starts on it as it is.
    Backup(BackupOptions),

    /// Make somebody an administrator of the server
    ///
    /// On SQLite stop the server first. With MongoDB it may run, and obeys at once.
    MakeAdmin(MakeAdminOptions),
}

#[derive(Debug, Clone, Args)]
pub struct MakeAdminOptions {
    /// Who, by the name that they sign in with; they must have signed in before
    #[arg(value_name = "USERNAME")]
    pub username: String,

    #[command(flatten)]
    pub database: DatabaseConfig,
}

#[derive(Debug, Clone, Args)]
pub struct ExportOptions {
    /// The archive, a new file that its owner alone can read; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    #[command(flatten)]
    pub database: DatabaseConfig,
}

#[derive(Debug, Clone, Args)]
pub struct ImportOptions {
    /// The archive; `-` is standard input
    #[arg(value_name = "FILE")]
    pub input: PathBuf,

    #[command(flatten)]
    pub database: DatabaseConfig,
}

#[derive(Debug, Clone, Args)]
pub struct MigrateOptions {
    /// The database that is read, such as sqlite:///var/lib/chatconnect/chatconnect.db
    #[arg(long, value_name = "URL")]
    pub from: DatabaseUrl,

    /// The database that is filled
    #[arg(long, value_name = "URL")]
    pub to: DatabaseUrl,
}

#[derive(Debug, Clone, Args)]
pub struct BackupOptions {
    /// The new file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    #[command(flatten)]
    pub database: DatabaseConfig,
}
