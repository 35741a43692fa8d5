//! The records of an archive, each checked, and all of them at the end.

use async_trait::async_trait;

use super::{checks::Checks, walk::Records};
use crate::domain::{
    entities::{
        archive::{Counts, Kind, Record},
        timestamp::Timestamp,
    },
    error::archive::ArchiveError,
    interfaces::archive_file::{ArchiveReader, Fingerprint, Fingerprints},
};

pub(super) struct Checked {
    reader: Box<dyn ArchiveReader>,
    checks: Checks,
    counts: Counts,
    /// `None` at the end.
    fingerprint: Option<Box<dyn Fingerprint>>,
    now: Timestamp,
}

impl Checked {
    /// Checks all records, and answers them without the sessions that have expired at `now`.
    pub fn new(reader: Box<dyn ArchiveReader>, fingerprints: &dyn Fingerprints, now: Timestamp) -> Self {
        let fingerprint = Some(fingerprints.begin());
        Self { reader, checks: Checks::default(), counts: Counts::default(), fingerprint, now }
    }

    /// How many records were read so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn check_end(&mut self) -> Result<(), ArchiveError> {
        let Some(fingerprint) = self.fingerprint.take() else { return Ok(()) };
        let stated = self.reader.stated().ok_or(ArchiveError::Cut(self.counts.total()))?;
        for kind in Kind::ALL {
            let (stated, found) = (stated.counts.of(kind), self.counts.of(kind));
            if stated != found {
                return Err(ArchiveError::Counts { kind, stated, found });
            }
        }
        if fingerprint.finish() != stated.checksum {
            return Err(ArchiveError::Checksum);
        }
        self.checks.hole().map_or(Ok(()), |id| Err(ArchiveError::Hole(id)))
    }
}

#[async_trait]
impl Records for Checked {
    /// # Errors
    /// Besides those of the reader: `Broken`; at the end `Counts`, `Checksum` and `Hole`.
    async fn next(&mut self) -> Result<Vec<Record>, ArchiveError> {
        loop {
            let lines = self.reader.next().await?;
            if lines.is_empty() {
                self.check_end()?;
                return Ok(Vec::new());
            }
            let mut records = Vec::with_capacity(lines.len());
            for (line, record) in lines {
                self.checks.check(&record).map_err(|field| ArchiveError::broken(line, field))?;
                self.counts.add(record.key().kind(), 1);
                if let Some(fingerprint) = &mut self.fingerprint {
                    fingerprint.add(&record);
                }
                if !record.has_expired(self.now) {
                    records.push(record);
                }
            }
            if !records.is_empty() {
                return Ok(records);
            }
        }
    }
}
