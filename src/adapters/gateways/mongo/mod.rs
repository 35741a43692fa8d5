//! MongoDB, for as many nodes as share it. Durable on a majority before it is answered.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
    time::Duration,
};

use mongodb::{Client, Database as Db};
use tokio::sync::{Mutex, OnceCell, SemaphorePermit};

use crate::domain::error::{DomainError, Result};

mod adoption;
mod connect;
mod errors;
mod reach;
mod schema;
mod sessions;
mod transaction;
mod users;
mod values;

pub use connect::OpenError;
pub use reach::MongoHealth;
pub use sessions::MongoSessions;
pub use users::MongoUsers;

use connect::{Clients, Topology};
use reach::Reach;

/// How long connections get to end their sessions on the server.
const FAREWELL: Duration = Duration::from_secs(1);

/// A database on a MongoDB server. Clones share it.
#[derive(Clone)]
pub struct Mongo {
    database: Arc<Database>,
}

/// What the gateways share.
struct Database {
    url: String,
    /// Not there until the hosts in the connection string were looked up.
    clients: OnceCell<Clients>,
    /// What the server is; not there until it was reached and the database prepared.
    topology: OnceLock<Topology>,
    reach: Reach,
    /// In place of transactions where there are none: one series of writes at a time.
    alone: Mutex<()>,
}

/// The right to use the server. Whoever holds it is counted among those who wait.
struct Access<'a> {
    client: &'a Client,
    db: &'a Db,
    _place: SemaphorePermit<'a>,
}

impl Deref for Access<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.db
    }
}

impl Mongo {
    /// Reads the connection string. Nothing is connected yet, and whatever is asked is answered `Unavailable` until
    /// [`Mongo::prepare`] has ended well.
    ///
    /// # Errors
    /// `Url`.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        connect::check(url)?;
        Ok(Self {
            database: Arc::new(Database {
                url: url.to_owned(),
                clients: OnceCell::new(),
                topology: OnceLock::new(),
                reach: Reach::default(),
                alone: Mutex::default(),
            }),
        })
    }

    /// Reaches the server and brings the database to the newest version.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy. Trying again is right where it [passes](OpenError::passes).
    pub async fn prepare(&self) -> Result<(), OpenError> {
        let prepared = self.attempt().await;
        if let Err(error) = &prepared {
            self.database.reach.missing(&error.to_string());
        }
        prepared
    }

    async fn attempt(&self) -> Result<(), OpenError> {
        let database = &self.database;
        let clients = database.clients.get_or_try_init(|| connect::clients(&database.url)).await?;
        let topology = connect::greet(clients).await?;
        schema::migrate(&clients.db).await?;
        reach::takes_writes(clients).await.map_err(|failure| schema::failed(&clients.db, failure))?;
        if topology == Topology::Standalone {
            tracing::warn!(
                "this MongoDB server is no replica set: it serves one node only, without change streams and \
                 without transactions; start it with --replSet to add nodes and to survive crashes between two writes"
            );
        }
        if database.topology.set(topology).is_ok() {
            database.reach.found();
            tokio::spawn(reach::watch(Arc::downgrade(database)));
            let db = clients.db.clone();
            tokio::spawn(async move { adoption::report(&db).await });
        }
        Ok(())
    }

    pub fn users(&self) -> MongoUsers {
        MongoUsers(Arc::clone(&self.database))
    }

    pub fn sessions(&self) -> MongoSessions {
        MongoSessions(Arc::clone(&self.database))
    }

    pub fn health(&self) -> MongoHealth {
        MongoHealth(Arc::clone(&self.database))
    }

    /// Closes the connections. Whatever is asked later is answered `Unavailable`.
    pub async fn close(&self) {
        self.database.reach.close();
        let Some(clients) = self.database.clients.get() else { return };
        // A server that does not answer keeps nobody from ending.
        for client in [&clients.client, clients.watch.client()] {
            let closed = client.clone().shutdown().immediate(true);
            drop(tokio::time::timeout(FAREWELL, closed.into_future()).await);
        }
    }
}

impl Database {
    /// The database, once it was prepared and while it can be reached.
    ///
    /// # Errors
    /// `Unavailable`.
    fn ready(&self) -> Result<(Access<'_>, Topology)> {
        let place = self.reach.enter()?;
        match (self.clients.get(), self.topology.get()) {
            (Some(Clients { client, db, .. }), Some(topology)) => {
                Ok((Access { client, db, _place: place }, *topology))
            }
            _ => Err(DomainError::unavailable("MongoDB was not reached yet")),
        }
    }
}
