//! A server in this process, people who use it, and what no well-meant client sends.

pub mod logs;
pub mod mongod;
pub mod payloads;
pub mod person;
pub mod redis;
pub mod server;
pub mod socket;

use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chatconnect::{adapters::gateways::system::RandomIds, domain::interfaces::id_generator::IdGenerator};

/// Far longer than anything here takes: what has not happened by then will not.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// # Panics
/// When it takes too long.
pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("in vain waited for: {what}"))
}

/// A UUID as clients make them.
pub fn uuid() -> String {
    RandomIds.next().to_string()
}

/// A username that nobody in this process has.
pub fn fresh_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("person-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A runtime for tests of properties, whose library is not asynchronous.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
