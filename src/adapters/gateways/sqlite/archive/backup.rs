use std::{io, path::Path};

use rusqlite::{Connection, InterruptHandle};
use thiserror::Error;

use crate::adapters::gateways::{
    new_file::{NewFile, NewFileError},
    sqlite::{OpenError, open},
};

/// Why there is no backup. Nothing was left behind.
#[derive(Debug, Error)]
pub enum BackupError {
    #[error("{0}")]
    Open(#[from] OpenError),
    #[error("{0}")]
    File(#[from] NewFileError),
    #[error("the database cannot be copied: {0}")]
    Copy(#[from] rusqlite::Error),
}

/// Copies a database, which may be served meanwhile, into one new file.
pub struct SqliteBackup {
    conn: Connection,
}

impl SqliteBackup {
    /// # Errors
    /// One sentence that names the cause and the remedy.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { conn: open::source(&open::resolve(path)?)? })
    }

    /// Ends `write` from elsewhere.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.conn.get_interrupt_handle()
    }

    /// Writes a file that is itself a database, readable by its owner alone, with all that was committed when this began.
    /// Blocks until it is on the disk.
    ///
    /// # Errors
    /// When there is something of this name, it cannot be written, or it was interrupted.
    pub fn write(self, to: &Path) -> Result<(), BackupError> {
        let file = NewFile::create(to)?;
        let name = file.partial().to_str().ok_or_else(|| {
            NewFileError::Io(
                to.into(),
                io::Error::new(io::ErrorKind::InvalidFilename, "its name is not UTF-8"),
            )
        })?;
        self.conn.execute("VACUUM INTO ?", (name,))?;
        file.finish()?;
        Ok(())
    }
}
