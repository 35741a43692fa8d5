//! Images are decoded on the blocking pool, so many at a time and so many waiting: one takes up to some hundred MB.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::domain::{
    error::{DomainError, Result},
    interfaces::media::{CleanImage, Media, MediaType},
};

mod gif;
mod jpeg;
mod picture;
mod recognize;
mod strip;
#[cfg(test)]
mod tests;

/// How many images may wait, each with its bytes in memory.
const WAITING: usize = 32;

pub struct MediaTools {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl MediaTools {
    /// `at_once` counts images; at least 1.
    pub fn new(at_once: usize) -> Self {
        let at_once = at_once.max(1);
        Self { running: Arc::new(Semaphore::new(at_once)), waiting: Semaphore::new(at_once + WAITING) }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let too_many = |_| DomainError::unavailable("too many images wait to be decoded");
        let _place = self.waiting.try_acquire().map_err(too_many)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(DomainError::internal)?;
        let work = move || {
            // The turn belongs to the work: when the caller goes away, the memory is taken all the same.
            let _turn = turn;
            // No decoder is to bring more down than its image.
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
                .unwrap_or_else(|_| Err(picture::broken()))
        };
        tokio::task::spawn_blocking(work).await.map_err(DomainError::internal)?
    }
}

#[async_trait]
impl Media for MediaTools {
    fn recognize(&self, head: &[u8]) -> MediaType {
        recognize::recognize(head)
    }

    async fn clean_image(&self, bytes: Vec<u8>) -> Result<CleanImage> {
        self.run(move || picture::clean(bytes)).await
    }

    async fn avatar(&self, image: Vec<u8>) -> Result<Vec<u8>> {
        self.run(move || picture::avatar(&image)).await
    }
}
