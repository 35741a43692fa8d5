use std::sync::Arc;

use super::{
    carry::{carry, place},
    compare::{MARGIN, compare},
    walk::Walk,
};
use crate::domain::{
    entities::archive::Summary,
    error::archive::ArchiveError,
    interfaces::{
        archive::{ArchiveSource, ArchiveTarget},
        archive_file::Fingerprints,
        clock::Clock,
        progress::{Progress, Step},
    },
};

/// Carries everything from one database into another one.
pub struct Migrate {
    pub source: Arc<dyn ArchiveSource>,
    pub target: Arc<dyn ArchiveTarget>,
    pub fingerprints: Arc<dyn Fingerprints>,
    pub clock: Arc<dyn Clock>,
    pub progress: Arc<dyn Progress>,
}

impl Migrate {
    /// `origin` names the source. Interrupted, it goes on where it was; at the end both sides are read again and compared
    /// record by record.
    ///
    /// # Errors
    /// `NotEmpty`, `BegunByAnother`; `Differs`; `Database`.
    pub async fn execute(&self, origin: &str) -> Result<Summary, ArchiveError> {
        let (source, target) = (&*self.source, &*self.target);
        let place = place(target, origin).await?;
        if place.is_new {
            target.begin(origin).await?;
        }
        let total = source.counts().await?.total();
        self.progress.begin(Step::Carry, Some(total));
        if place.last.is_some() {
            self.progress.advance(target.held().counts().await?.total());
        }
        let mut records = Walk::after(source, place.last, self.clock.now());
        carry(&mut records, target, place.last, &*self.progress).await?;
        self.progress.begin(Step::Settle, None);
        target.settle().await?;
        self.progress.begin(Step::Compare, Some(total));
        let soon = self.clock.now() + MARGIN;
        let (mut original, mut copy) = (Walk::new(source, soon), Walk::new(target.held(), soon));
        let summary = compare(&mut original, &mut copy, &*self.fingerprints, &*self.progress).await?;
        target.finish().await?;
        self.progress.end();
        Ok(summary)
    }
}
