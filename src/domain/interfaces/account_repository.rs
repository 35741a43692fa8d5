//! Where is kept what administrators decide: of people, and of the server.

use async_trait::async_trait;

use crate::domain::{entities::registration::Registration, error::Result};

#[async_trait]
pub trait AccountRepository: Send + Sync {
    /// Who may open an account; everybody until something else was decided.
    async fn registration(&self) -> Result<Registration>;

    async fn set_registration(&self, mode: Registration) -> Result<()>;

    /// Whether nobody is there, also nobody of another application.
    async fn is_empty(&self) -> Result<bool>;
}
