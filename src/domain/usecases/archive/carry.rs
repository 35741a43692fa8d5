//! What `import` and `migrate` share: filling a database that nobody uses yet, so that whatever interrupts it can be gone
//! on with.

use super::{both::both, walk::Records};
use crate::domain::{
    entities::archive::Key,
    error::archive::ArchiveError,
    interfaces::{
        archive::{ArchiveTarget, TargetState},
        progress::Progress,
    },
};

/// Where to go on.
pub(super) struct Place {
    /// Whether the target is still to be marked.
    pub is_new: bool,
    pub last: Option<Key>,
}

/// # Errors
/// `NotEmpty`; `BegunByAnother`.
pub(super) async fn place(target: &dyn ArchiveTarget, origin: &str) -> Result<Place, ArchiveError> {
    match target.state().await? {
        TargetState::Empty => Ok(Place { is_new: true, last: None }),
        TargetState::Begun { origin: begun, last } if begun == origin => Ok(Place { is_new: false, last }),
        TargetState::Begun { origin, .. } => Err(ArchiveError::BegunByAnother(origin)),
        TargetState::Filled => Err(ArchiveError::NotEmpty),
    }
}

/// Stores the records behind `last`.
pub(super) async fn carry(
    records: &mut dyn Records,
    target: &dyn ArchiveTarget,
    last: Option<Key>,
    progress: &dyn Progress,
) -> Result<(), ArchiveError> {
    let mut page = records.next().await?;
    while !page.is_empty() {
        let count = page.len() as u64;
        page.retain(|record| last.is_none_or(|last| record.key() > last));
        let write = async { if page.is_empty() { Ok(()) } else { target.write(page).await } };
        let (written, next) = both(write, records.next()).await;
        written?;
        progress.advance(count);
        page = next?;
    }
    Ok(())
}
