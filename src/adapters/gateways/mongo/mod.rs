//! MongoDB, for as many nodes as share it. Durable on a majority before it is answered.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use mongodb::{
    Client, Database as Db,
    options::{Acknowledgment, DatabaseOptions, ReadConcern, WriteConcern},
};
use tokio::sync::Mutex;

use crate::domain::error::{DomainError, Result};

mod connect;
mod errors;
mod nodes;
mod schema;
mod signals;
mod transaction;
mod values;

pub use connect::OpenError;
pub use nodes::MongoNodes;

use connect::Topology;

/// How long to wait before the server is tried again at the start.
const RETRY: Duration = Duration::from_secs(2);

/// A database on a MongoDB server. Clones share it.
#[derive(Clone)]
pub struct Mongo {
    database: Arc<Database>,
}

/// What the gateways share.
struct Database {
    client: Client,
    db: Db,
    url: String,
    /// What the server is; not there until it was reached and the database prepared.
    topology: OnceLock<Topology>,
    /// In place of transactions where there are none: one series of writes at a time.
    alone: Mutex<()>,
}

impl Mongo {
    /// Reads the connection string. Nothing is connected yet, and whatever is asked is answered `Unavailable` until
    /// [`Mongo::prepare`] has ended well.
    ///
    /// # Errors
    /// `Url`.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let (client, name) = connect::client(url).await?;
        let write = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
        let options =
            DatabaseOptions::builder().write_concern(write).read_concern(ReadConcern::majority()).build();
        let db = client.database_with_options(&name, options);
        let (topology, alone) = (OnceLock::new(), Mutex::default());
        Ok(Self { database: Arc::new(Database { client, db, url: url.to_owned(), topology, alone }) })
    }

    /// Reaches the server and brings the database to the newest version.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy. Trying again is right where it [passes](OpenError::passes).
    pub async fn try_prepare(&self) -> Result<(), OpenError> {
        let database = &self.database;
        let topology = connect::greet(&database.client, &database.url).await?;
        schema::migrate(&database.db).await?;
        if topology == Topology::Standalone {
            tracing::warn!(
                "this MongoDB server is no replica set: it serves one node only, without change streams and \
                 without transactions; start it with --replSet to add nodes and to survive crashes between two writes"
            );
        }
        database.topology.get_or_init(|| topology);
        Ok(())
    }

    /// Does the same again and again, with a line in the log each time, until it succeeds.
    ///
    /// # Errors
    /// What waiting cannot help.
    pub async fn prepare(&self) -> Result<(), OpenError> {
        loop {
            match self.try_prepare().await {
                Err(error) if error.passes() => {
                    tracing::warn!("{error}; trying again in {} s", RETRY.as_secs());
                    tokio::time::sleep(RETRY).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Closes the connections. Whatever is asked later is answered `Unavailable`.
    pub async fn close(&self) {
        self.database.client.clone().shutdown().immediate(true).await;
    }
}

impl Database {
    /// The database, once it was prepared.
    fn ready(&self) -> Result<(&Db, Topology)> {
        match self.topology.get() {
            Some(topology) => Ok((&self.db, *topology)),
            None => Err(DomainError::unavailable("MongoDB was not reached yet")),
        }
    }
}
