//! Files: uploading them, looking at them, and forgetting them.

pub mod avatar;
pub mod open;
pub mod sweep;
pub mod take_back;
pub mod tidy;
pub mod upload;

use crate::domain::{
    error::Result,
    interfaces::blob_store::{BlobKey, BlobStore},
};

/// The whole of a blob that is known to be small, or an image that must be decoded.
///
/// # Errors
/// `NotFound`; `Unavailable`.
pub async fn read_all(blobs: &dyn BlobStore, key: BlobKey) -> Result<Vec<u8>> {
    let mut reader = blobs.read(key, None).await?;
    let mut bytes = Vec::with_capacity(usize::try_from(reader.len()).unwrap_or(0));
    while let Some(part) = reader.next().await? {
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}
