//! bcrypt on the blocking pool, so many at a time and so many waiting.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::domain::{
    entities::user::{NewPassword, PasswordHash},
    error::{DomainError, Result},
    interfaces::password_hasher::PasswordHasher,
};

pub struct BcryptHasher {
    cost: u32,
    /// A hash of nobody's password, so that an unknown account takes as long as a known one.
    decoy: PasswordHash,
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl BcryptHasher {
    /// `cost` is 4–31; `concurrency` and `queue` count passwords.
    ///
    /// # Errors
    /// When the cost is out of range or the machine has no random numbers.
    pub fn new(cost: u32, concurrency: usize, queue: usize) -> Result<Self> {
        let decoy = bcrypt::hash("nobody", cost).map_err(DomainError::internal)?;
        Ok(Self {
            cost,
            decoy: PasswordHash::new(decoy),
            running: Arc::new(Semaphore::new(concurrency.max(1))),
            waiting: Semaphore::new(concurrency.max(1) + queue),
        })
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self
            .waiting
            .try_acquire()
            .map_err(|_| DomainError::unavailable("too many passwords wait to be hashed"))?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(DomainError::internal)?;
        tokio::task::spawn_blocking(move || {
            // The turn belongs to the work: when the caller goes away, the core is busy all the same.
            let _turn = turn;
            work()
        })
        .await
        .map_err(DomainError::internal)
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash> {
        let cost = self.cost;
        let hash = self.run(move || bcrypt::hash(password.as_str(), cost)).await?;
        hash.map(PasswordHash::new).map_err(DomainError::internal)
    }

    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let right =
            self.run(move || bcrypt::non_truncating_verify(password, hash.as_str()).unwrap_or(false)).await?;
        Ok(right && known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by version 6.0.0 of the npm package `bcrypt`.
    #[tokio::test]
    async fn hashes_made_by_node_verify() {
        let hasher = BcryptHasher::new(4, 1, 10).unwrap();
        for hash in [
            "$2b$04$CM9rra1q4avUJMFE07wExOVKbQqRhEVDqF2cdeDveDQ3ggviSBAD.",
            "$2a$04$zwEALIqXucOQ8VW0Fmm7Lu71cKnVWTWSL6m5V1zuBjAocsG9X.Hhi",
        ] {
            let hash = Some(PasswordHash::new(hash));
            assert!(hasher.verify("goiabada com queijo".into(), hash.clone()).await.unwrap());
            assert!(!hasher.verify("goiabada sem queijo".into(), hash).await.unwrap());
        }
    }

    #[tokio::test]
    async fn nobody_and_nonsense_are_refused() {
        let hasher = BcryptHasher::new(4, 1, 10).unwrap();
        assert!(!hasher.verify("nobody".into(), None).await.unwrap());
        assert!(!hasher.verify("x".into(), Some(PasswordHash::new("not a hash"))).await.unwrap());
    }
}
