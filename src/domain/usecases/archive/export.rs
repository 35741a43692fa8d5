use std::sync::Arc;

use super::walk::{Records, Walk};
use crate::domain::{
    entities::archive::Summary,
    error::archive::ArchiveError,
    interfaces::{
        archive::ArchiveSource,
        archive_file::ArchiveWriter,
        clock::Clock,
        progress::{Progress, Step},
    },
};

/// Writes everything into an archive.
pub struct Export {
    pub source: Arc<dyn ArchiveSource>,
    pub clock: Arc<dyn Clock>,
    pub progress: Arc<dyn Progress>,
}

impl Export {
    /// Leaves out sessions that have expired; tells what was written.
    ///
    /// # Errors
    /// `Database`; `Writing`.
    pub async fn execute(&self, archive: &mut dyn ArchiveWriter) -> Result<Summary, ArchiveError> {
        let now = self.clock.now();
        self.progress.begin(Step::Carry, Some(self.source.counts().await?.total()));
        archive.begin(now).await?;
        let mut walk = Walk::new(&*self.source, now);
        loop {
            let records = walk.next().await?;
            if records.is_empty() {
                break;
            }
            archive.write(&records).await?;
            self.progress.advance(records.len() as u64);
        }
        let summary = archive.end().await?;
        self.progress.end();
        Ok(summary)
    }
}
