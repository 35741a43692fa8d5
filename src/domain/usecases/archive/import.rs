use std::sync::Arc;

use super::{
    carry::{carry, place},
    checked::Checked,
    compare::{MARGIN, compare},
    walk::{Records, Walk},
};
use crate::domain::{
    entities::archive::{Counts, Kind, Summary},
    error::archive::ArchiveError,
    interfaces::{
        archive::ArchiveTarget,
        archive_file::{ArchiveFile, Fingerprints},
        clock::Clock,
        progress::{Progress, Step},
    },
};

/// Fills an empty database from an archive.
pub struct Import {
    pub target: Arc<dyn ArchiveTarget>,
    pub fingerprints: Arc<dyn Fingerprints>,
    pub clock: Arc<dyn Clock>,
    pub progress: Arc<dyn Progress>,
}

impl Import {
    /// A file is read through before anything is stored, and compared with what the database holds afterwards. What comes
    /// through a pipe is checked as it goes by. Interrupted, the same archive goes on where it was.
    ///
    /// # Errors
    /// Those of the archive; `NotEmpty`, `BegunByAnother`; `Differs`, `Missing`; `Database`.
    pub async fn execute(&self, archive: &dyn ArchiveFile) -> Result<Summary, ArchiveError> {
        let reader = archive.open().await?;
        let origin = reader.origin();
        let (target, fingerprints, progress) = (&*self.target, &*self.fingerprints, &*self.progress);
        let place = place(target, &origin).await?;
        let mut total = None;
        let mut records = Checked::new(reader, fingerprints, self.clock.now());
        if archive.is_lasting() {
            progress.begin(Step::Check, None);
            self.read_through(&mut records).await?;
            total = Some(records.counts().total());
            records = Checked::new(archive.open().await?, fingerprints, self.clock.now());
        }
        if place.is_new {
            target.begin(&origin).await?;
        }
        progress.begin(Step::Carry, total);
        carry(&mut records, target, place.last, progress).await?;
        progress.begin(Step::Settle, None);
        target.settle().await?;
        progress.begin(Step::Compare, Some(records.counts().total()));
        let soon = self.clock.now() + MARGIN;
        let mut copy = Walk::new(target.held(), soon);
        let summary = if archive.is_lasting() {
            let mut original = Checked::new(archive.open().await?, fingerprints, soon);
            compare(&mut original, &mut copy, fingerprints, progress).await?
        } else {
            let summary = self.sum_up(&mut copy).await?;
            ensure_all_there(&records.counts(), &summary.counts)?;
            summary
        };
        target.finish().await?;
        progress.end();
        Ok(summary)
    }

    async fn read_through(&self, records: &mut dyn Records) -> Result<(), ArchiveError> {
        loop {
            match records.next().await?.len() {
                0 => return Ok(()),
                count => self.progress.advance(count as u64),
            }
        }
    }

    async fn sum_up(&self, records: &mut dyn Records) -> Result<Summary, ArchiveError> {
        let (mut counts, mut fingerprint) = (Counts::default(), self.fingerprints.begin());
        loop {
            let page = records.next().await?;
            if page.is_empty() {
                return Ok(Summary { counts, checksum: fingerprint.finish() });
            }
            for record in &page {
                counts.add(record.key().kind(), 1);
                fingerprint.add(record);
            }
            self.progress.advance(page.len() as u64);
        }
    }
}

/// Sessions may have expired meanwhile.
fn ensure_all_there(expected: &Counts, found: &Counts) -> Result<(), ArchiveError> {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Session) {
        let (expected, found) = (expected.of(kind), found.of(kind));
        if expected != found {
            return Err(ArchiveError::Missing { kind, expected, found });
        }
    }
    Ok(())
}
