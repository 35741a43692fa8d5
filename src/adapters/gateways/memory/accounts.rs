use async_trait::async_trait;

use super::Memory;
use crate::domain::{
    entities::registration::Registration, error::Result, interfaces::account_repository::AccountRepository,
};

#[async_trait]
impl AccountRepository for Memory {
    async fn registration(&self) -> Result<Registration> {
        Ok(self.state()?.registration)
    }

    async fn set_registration(&self, mode: Registration) -> Result<()> {
        self.state()?.registration = mode;
        Ok(())
    }

    async fn is_empty(&self) -> Result<bool> {
        Ok(self.state()?.users.is_empty())
    }
}
