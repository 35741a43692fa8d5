//! Archives as files.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        archive::{Checksum, Record, Summary},
        timestamp::Timestamp,
    },
    error::archive::ArchiveError,
};

/// A record with the number of its line, the first line being 1.
pub type Numbered = (u64, Record);

/// An archive that can be opened, more than once unless it comes through a pipe.
#[async_trait]
pub trait ArchiveFile: Send + Sync {
    /// Whether `open` may be called again.
    fn is_lasting(&self) -> bool;

    /// Reads the first line.
    ///
    /// # Errors
    /// `Reading`, `NotAnArchive`, `Version`.
    async fn open(&self) -> Result<Box<dyn ArchiveReader>, ArchiveError>;
}

#[async_trait]
pub trait ArchiveReader: Send {
    /// Names the archive in a sentence: the same for each copy of it, and another one for each other archive.
    fn origin(&self) -> String;

    /// Some records, in the order of the file; none at the end.
    ///
    /// # Errors
    /// `Reading`; `Broken` with the line and what is wrong with it; `Cut`.
    async fn next(&mut self) -> Result<Vec<Numbered>, ArchiveError>;

    /// What the last line states, once it was read.
    fn stated(&self) -> Option<Summary>;
}

/// An archive that is being written. Dropped before `end`, it leaves nothing behind.
#[async_trait]
pub trait ArchiveWriter: Send {
    /// Writes the first line.
    async fn begin(&mut self, created_at: Timestamp) -> Result<(), ArchiveError>;

    async fn write(&mut self, records: &[Record]) -> Result<(), ArchiveError>;

    /// Writes the last line; what it states of the records that were written.
    async fn end(&mut self) -> Result<Summary, ArchiveError>;
}

/// Sums up records in their canonical form.
pub trait Fingerprint: Send {
    fn add(&mut self, record: &Record);

    fn finish(self: Box<Self>) -> Checksum;
}

/// Begins fingerprints.
pub trait Fingerprints: Send + Sync {
    fn begin(&self) -> Box<dyn Fingerprint>;
}
