//! A file on its way in.

use async_trait::async_trait;

use crate::domain::error::Result;

#[async_trait]
pub trait UploadSource: Send {
    /// The next part; `None` at the end of the file.
    ///
    /// # Errors
    /// `InvalidPayload` when it broke off.
    async fn next(&mut self) -> Result<Option<Vec<u8>>>;
}
