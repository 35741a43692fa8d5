//! Whether one holds what the other one does.

use std::{collections::VecDeque, time::Duration};

use super::{both::both, walk::Records};
use crate::domain::{
    entities::archive::{Counts, Record, Summary},
    error::archive::ArchiveError,
    interfaces::{archive_file::Fingerprints, progress::Progress},
};

/// Sessions that end so soon are left out: a database may remove them while it is compared.
pub(super) const MARGIN: Duration = Duration::from_secs(600);

/// Compares record by record; sums up what `copy` holds.
///
/// # Errors
/// `Differs` with the first record that is not the same.
pub(super) async fn compare(
    original: &mut dyn Records,
    copy: &mut dyn Records,
    fingerprints: &dyn Fingerprints,
    progress: &dyn Progress,
) -> Result<Summary, ArchiveError> {
    let (mut originals, mut copies) = (VecDeque::<Record>::new(), VecDeque::<Record>::new());
    let (mut counts, mut fingerprint) = (Counts::default(), fingerprints.begin());
    loop {
        match (originals.is_empty(), copies.is_empty()) {
            (true, true) => {
                let (more, more_copies) = both(original.next(), copy.next()).await;
                originals.extend(more?);
                copies.extend(more_copies?);
            }
            (true, false) => originals.extend(original.next().await?),
            (false, true) => copies.extend(copy.next().await?),
            (false, false) => {}
        }
        if originals.is_empty() && copies.is_empty() {
            return Ok(Summary { counts, checksum: fingerprint.finish() });
        }
        let both = originals.len().min(copies.len()).max(1);
        for _ in 0..both {
            match (originals.pop_front(), copies.pop_front()) {
                (Some(original), Some(copy)) if original == copy => {
                    counts.add(copy.key().kind(), 1);
                    fingerprint.add(&copy);
                }
                (Some(original), Some(copy)) => {
                    return Err(ArchiveError::Differs(original.key().min(copy.key())));
                }
                (Some(record), None) | (None, Some(record)) => {
                    return Err(ArchiveError::Differs(record.key()));
                }
                (None, None) => {}
            }
        }
        progress.advance(both as u64);
    }
}
