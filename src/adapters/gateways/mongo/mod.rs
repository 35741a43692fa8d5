//! MongoDB, for as many nodes as share it. Durable on a majority before it is answered.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::FutureExt;
use mongodb::{Client, Database as Db};
use tokio::{
    sync::{Mutex, OnceCell, SemaphorePermit, broadcast},
    task::AbortHandle,
};

use crate::domain::{
    entities::{
        ids::{ConversationId, UserId},
        session::{Session, SessionKey},
        user::User,
    },
    error::{DomainError, Result},
    interfaces::message_repository::SyncPage,
};

mod accounts;
mod adoption;
mod append;
mod archive;
mod attachments;
mod batch;
mod changes;
mod checks;
mod connect;
mod conversations;
mod edits;
mod errors;
mod events;
mod feed;
mod invites;
mod lanes;
mod members;
mod messages;
mod nodes;
mod positions;
mod reach;
mod reactions;
mod reads;
mod rows;
mod schema;
mod search;
mod sessions;
mod signals;
mod stream;
mod sweep;
mod sync;
mod together;
mod transaction;
mod users;
mod values;
mod views;
mod write;

pub use accounts::MongoAccounts;
pub use archive::{MongoSource, MongoTarget};
pub use attachments::MongoAttachments;
pub use connect::{OpenError, name};
pub use conversations::MongoConversations;
pub use feed::MongoFeed;
pub use invites::MongoInvites;
pub use messages::MongoMessages;
pub use nodes::MongoNodes;
pub use reach::MongoHealth;
pub use sessions::MongoSessions;
pub use users::MongoUsers;

use append::Queue;
use connect::{Clients, Topology};
use feed::Teller;
use lanes::Lanes;
use reach::Reach;
use stream::Signal;
use together::Together;
use write::Done;

/// How many signals may wait for each who listens; of more the oldest are lost, which the receiver tells.
const SIGNALS: usize = 4_096;

/// How long what was begun gets to end.
const LAST_WRITES: Duration = Duration::from_secs(5);

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
    arrivals: Arrivals,
    /// In place of transactions where there are none: one series of writes at a time.
    alone: Mutex<()>,
    /// Through which newcomers come in.
    door: Mutex<()>,
    lanes: Arc<Lanes>,
    queue: Arc<Queue>,
    teller: Teller,
    signals: broadcast::Sender<Signal>,
    /// The task that reads the change stream.
    telling: OnceLock<AbortHandle>,
}

/// What everybody asks who comes.
#[derive(Default)]
struct Arrivals {
    sessions: Together<SessionKey, Option<Session>>,
    users: Together<UserId, Option<User>>,
    conversations: Together<UserId, Vec<ConversationId>>,
    syncs: Together<sync::Ask, SyncPage>,
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
    /// [`Mongo::prepare`] has ended well. What is committed from then on comes out of the feed.
    ///
    /// # Errors
    /// `Url`.
    pub fn open(url: &str) -> Result<(Self, MongoFeed), OpenError> {
        connect::check(url)?;
        let (teller, feed) = feed::feed();
        let database = Database {
            url: url.to_owned(),
            clients: OnceCell::new(),
            topology: OnceLock::new(),
            reach: Reach::default(),
            arrivals: Arrivals::default(),
            alone: Mutex::default(),
            door: Mutex::default(),
            lanes: Arc::default(),
            queue: Arc::default(),
            teller,
            signals: broadcast::channel(SIGNALS).0,
            telling: OnceLock::new(),
        };
        Ok((Self { database: Arc::new(database) }, feed))
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
        schema::migrate(&clients.db, topology).await?;
        let failed = |failure| schema::failed(&clients.db, failure);
        if let Some(origin) = archive::unfinished(&clients.db).await.map_err(failed)? {
            return Err(OpenError::Unfinished { database: clients.db.name().to_owned(), origin });
        }
        // An import that was broken off leaves some out.
        schema::build_indexes(&clients.db, topology).await.map_err(failed)?;
        reach::takes_writes(clients).await.map_err(failed)?;
        // Before anything can be written, so that all of it is told.
        let changes = match topology {
            Topology::ReplicaSet => Some(stream::open(&clients.db, None).await.map_err(failed)?),
            Topology::Standalone => None,
        };
        if topology == Topology::Standalone {
            tracing::warn!(
                "this MongoDB server is no replica set: it serves one node only, without change streams and \
                 without transactions; start it with --replSet to add nodes and to survive crashes between two writes"
            );
        }
        if database.topology.set(topology).is_ok() {
            database.reach.found();
            tokio::spawn(reach::watch(Arc::downgrade(database)));
            if let (Some(changes), Some(feed)) = (changes, database.teller.sender()) {
                let (lanes, signals) = (Arc::clone(&database.lanes), database.signals.clone());
                let outlets = stream::Outlets { lanes, feed, signals };
                let telling = tokio::spawn(stream::tell(clients.db.clone(), changes, outlets));
                database.telling.get_or_init(|| telling.abort_handle());
                // What was said before it was opened.
                drop(database.signals.send(Signal::Missed));
            }
            let (queue, lanes) = (Arc::clone(&database.queue), Arc::clone(&database.lanes));
            tokio::spawn(append::write_batches(queue, lanes, Arc::downgrade(database)));
            let (db, this) = (clients.db.clone(), Arc::clone(database));
            tokio::spawn(async move {
                sweep::finish(&this).await;
                adoption::report(&db).await;
            });
        }
        Ok(())
    }

    pub fn users(&self) -> MongoUsers {
        MongoUsers(Arc::clone(&self.database))
    }

    /// What administrators decide.
    pub fn accounts(&self) -> MongoAccounts {
        MongoAccounts(Arc::clone(&self.database))
    }

    pub fn sessions(&self) -> MongoSessions {
        MongoSessions(Arc::clone(&self.database))
    }

    /// Conversations and their members.
    pub fn conversations(&self) -> MongoConversations {
        MongoConversations(Arc::clone(&self.database))
    }

    /// Messages, what somebody missed of them, and search.
    pub fn messages(&self) -> MongoMessages {
        MongoMessages(Arc::clone(&self.database))
    }

    /// What is known of uploaded files.
    pub fn attachments(&self) -> MongoAttachments {
        MongoAttachments(Arc::clone(&self.database))
    }

    /// Invitations.
    pub fn invites(&self) -> MongoInvites {
        MongoInvites(Arc::clone(&self.database))
    }

    pub fn health(&self) -> MongoHealth {
        MongoHealth(Arc::clone(&self.database))
    }

    /// What other nodes say from now on, and this one too.
    fn signals(&self) -> broadcast::Receiver<Signal> {
        self.database.signals.subscribe()
    }

    /// Which nodes share this database.
    pub fn nodes(&self) -> MongoNodes {
        MongoNodes(self.clone())
    }

    /// Finishes what waits, and closes the connections. Whatever is asked later is answered `Unavailable`. The feed ends.
    pub async fn close(&self) {
        if tokio::time::timeout(LAST_WRITES, self.database.queue.close()).await.is_err() {
            tracing::warn!(
                "not all messages that waited were stored; their senders were not told that they were"
            );
        }
        self.database.reach.close();
        self.database.stop_telling();
        let Some(clients) = self.database.clients.get() else { return };
        // A server that does not answer keeps nobody from ending.
        let close = |client: &Client| {
            let closed = client.clone().shutdown().immediate(true);
            tokio::time::timeout(FAREWELL, closed.into_future())
        };
        drop(tokio::join!(close(&clients.client), close(clients.watch.client())));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.queue.end();
        self.stop_telling();
    }
}

impl Database {
    /// Asks what many may ask at the same time; `answer` answers several, in their order.
    async fn ask<Q, A, F>(
        self: &Arc<Self>,
        kind: fn(&Arrivals) -> &Together<Q, A>,
        question: Q,
        answer: fn(Arc<Self>, Vec<Q>) -> F,
    ) -> Result<A>
    where
        Q: Clone + Send + 'static,
        A: Send + 'static,
        F: Future<Output = Result<Vec<A>>> + Send + 'static,
    {
        // Where it is known that nobody answers, nobody waits.
        self.ready()?;
        let database = Arc::clone(self);
        let answer = move |questions| answer(Arc::clone(&database), questions).boxed();
        kind(&self.arrivals).ask(question, answer).await
    }

    /// Ends the feed.
    fn stop_telling(&self) {
        if let Some(telling) = self.telling.get() {
            telling.abort();
        }
        self.teller.end();
    }

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
