//! One contract, every backend: each promise of the ports is tested against all of them.

mod fixture;

/// Makes each function a test of every backend. A further backend is one more line here and its function in `fixture`.
macro_rules! contract {
    (@on $backend:ident: $($test:ident)*) => {
        mod $backend {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(crate::gateways::fixture::$backend().await).await;
                }
            )*
        }
    };
    ($($test:ident),* $(,)?) => {
        contract!(@on memory: $($test)*);
        contract!(@on sqlite: $($test)*);
    };
}

mod archive;
mod conversations;
mod members;
mod messages;
mod model;
mod reactions;
mod search;
mod sessions;
mod sqlite_backup;
mod sqlite_durability;
mod sqlite_opening;
mod sync;
mod users;
