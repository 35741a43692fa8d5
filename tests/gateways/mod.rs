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
    // One server for all of them: starting one takes longer than a test.
    (@standalone $($test:ident)*) => {
        mod standalone {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn all_of_it() {
                let mongod = crate::support::mongod::Mongod::standalone().await;
                $(
                    println!("{}", stringify!($test));
                    super::$test(crate::gateways::fixture::standalone(&mongod).await).await;
                )*
            }
        }
    };
    ($($test:ident),* $(,)?) => {
        contract!(@on memory: $($test)*);
        contract!(@on sqlite: $($test)*);
        contract!(@on mongo: $($test)*);
        contract!(@standalone $($test)*);
    };
}

mod accounts;
mod archive;
mod attachments;
mod conversations;
mod invites;
mod members;
mod messages;
mod model;
mod mongo_adoption;
mod mongo_faults;
mod mongo_indexes;
mod mongo_nodes;
mod mongo_opening;
mod mongo_outage;
mod nodes;
mod reactions;
mod search;
mod sessions;
mod signals;
mod sqlite_backup;
mod sqlite_durability;
mod sqlite_opening;
mod sync;
mod users;
