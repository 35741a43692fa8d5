//! Archives as files of JSON lines, and what goes through standard input and output (docs/ARCHIVE.md).

use sha2::{Digest, Sha256};

use crate::{
    adapters::dto::archive,
    domain::{
        entities::archive::{Checksum, Record},
        interfaces::archive_file::{Fingerprint, Fingerprints},
    },
};

mod reader;
mod writer;

pub use reader::JsonLinesFile;
pub use writer::JsonLinesWriter;

/// SHA-256 of the lines that the records are in an archive, each with its line feed.
pub struct LineFingerprints;

impl Fingerprints for LineFingerprints {
    fn begin(&self) -> Box<dyn Fingerprint> {
        Box::new(Lines::default())
    }
}

#[derive(Default)]
struct Lines(Sha256);

impl Lines {
    fn add_line(&mut self, line: &str) {
        self.0.update(line);
        self.0.update("\n");
    }

    fn checksum(self) -> Checksum {
        Checksum::from_bytes(self.0.finalize().into())
    }
}

impl Fingerprint for Lines {
    fn add(&mut self, record: &Record) {
        self.add_line(&archive::line(record));
    }

    fn finish(self: Box<Self>) -> Checksum {
        self.checksum()
    }
}

#[cfg(test)]
mod tests;
