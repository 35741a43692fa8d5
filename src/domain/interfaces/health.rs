//! Whether the database can serve.

use async_trait::async_trait;

use crate::domain::error::Result;

#[async_trait]
pub trait Health: Send + Sync {
    /// Reads and writes work right now.
    ///
    /// # Errors
    /// `Unavailable` with the cause when they do not.
    async fn ready(&self) -> Result<()>;
}
