//! Where the bytes of files are kept.

use std::ops::Range;

use async_trait::async_trait;

use crate::domain::{entities::ids::AttachmentId, error::Result};

/// What a blob is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobKey {
    /// The file as it is sent.
    Attachment(AttachmentId),
    /// A smaller picture of it.
    Thumbnail(AttachmentId),
    /// A person's picture, which was made from it.
    Avatar(AttachmentId),
}

/// Blobs are written once and never changed. What was answered is durable.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// # Errors
    /// `Unavailable`; nothing is stored then.
    async fn put(&self, key: BlobKey, bytes: Vec<u8>) -> Result<()>;

    /// Begins a blob that comes in parts. Nothing is there before it is finished, and nothing of it stays when it is
    /// dropped before that.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn begin(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>>;

    /// Bytes `range` of a blob, all of it without one.
    ///
    /// # Errors
    /// `NotFound`; `Unavailable`.
    async fn read(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<Box<dyn BlobReader>>;

    /// Nothing happens when it is not there.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn delete(&self, key: BlobKey) -> Result<()>;
}

#[async_trait]
pub trait BlobWriter: Send {
    /// # Errors
    /// `Unavailable`; nothing is stored then.
    async fn write(&mut self, bytes: &[u8]) -> Result<()>;

    /// # Errors
    /// `Unavailable`; nothing is stored then.
    async fn finish(self: Box<Self>) -> Result<()>;
}

#[async_trait]
pub trait BlobReader: Send {
    /// How many bytes come in all.
    fn len(&self) -> u64;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next part; `None` at the end.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn next(&mut self) -> Result<Option<Vec<u8>>>;
}
