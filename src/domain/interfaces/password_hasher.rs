//! Slow, salted password hashes.

use async_trait::async_trait;

use crate::domain::{
    entities::user::{NewPassword, PasswordHash},
    error::Result,
};

#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes off the async threads; waits for a free place when too many are under way.
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash>;

    /// Whether `password` is the one behind `hash`. With `None` it takes the same time and answers `false`, so
    /// that nobody learns from the time whether an account exists. A hash in no known format answers `false`.
    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool>;
}
