//! The way to the server: settings, the first contact, and what is wrong when there is none.

use std::time::Duration;

use mongodb::{
    Client,
    bson::{Document, doc},
    error::{Error, ErrorKind},
    options::{ClientOptions, ServerAddress},
};

use super::{
    errors::{Failure, timely},
    values::Fields,
};

/// The oldest server that has what is needed: snapshot reads outside of transactions came with 5.0.
const OLDEST: (u64, &str) = (13, "5.0");

/// When the connection string names no database.
const DATABASE: &str = "chatconnect";

/// Why the database cannot be used: one sentence with the cause and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("DATABASE_URL is not a MongoDB connection string: {0}")]
    Url(String),
    #[error("MongoDB refuses the user name or the password in DATABASE_URL: {0}")]
    Credentials(String),
    #[error(
        "the MongoDB server at {host} belongs to the replica set {found:?}, not to {wanted:?}: correct \
         replicaSet in DATABASE_URL"
    )]
    ReplicaSet { host: String, found: String, wanted: String },
    #[error(
        "the MongoDB server at {host} is no member of a replica set: start it with --replSet, or leave \
         replicaSet={wanted} out of DATABASE_URL to use it for a single node"
    )]
    NoReplicaSet { host: String, wanted: String },
    #[error("the MongoDB server is too old: version {oldest} or newer is needed", oldest = OLDEST.1)]
    TooOld,
    #[error(
        "the database {database} was written by a newer version of this program (schema {found}, this one knows \
         {known}): start the newer version"
    )]
    Newer { database: String, found: u64, known: u64 },
    #[error(
        "the user in DATABASE_URL may not do what is needed (role readWrite and changes of {database}): {cause}"
    )]
    Rights { database: String, cause: String },
    /// It may come; trying again is right.
    #[error("MongoDB cannot be reached: {0}")]
    Unreachable(String),
    #[error("MongoDB cannot be used: {0}")]
    Other(String),
}

impl OpenError {
    /// Whether waiting can help.
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

/// What the server is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topology {
    /// Has transactions, change streams and other nodes.
    ReplicaSet,
    /// Has none of them.
    Standalone,
}

/// A client that connects when it is first used, and the database's name.
///
/// # Errors
/// `Url`.
pub(super) async fn client(url: &str) -> Result<(Client, String), OpenError> {
    let mut options = ClientOptions::parse(url).await.map_err(|error| OpenError::Url(reason(&error)))?;
    options.app_name.get_or_insert_with(|| "chatconnect".to_owned());
    // Whoever waits for an answer is better told soon that there is none. All can be set in the URL.
    options.server_selection_timeout.get_or_insert(Duration::from_secs(5));
    options.connect_timeout.get_or_insert(Duration::from_secs(5));
    options.heartbeat_freq.get_or_insert(Duration::from_secs(2));
    let name = options.default_database.clone().unwrap_or_else(|| DATABASE.to_owned());
    let client = Client::with_options(options).map_err(|error| OpenError::Url(reason(&error)))?;
    Ok((client, name))
}

/// Asks the server what it is.
///
/// # Errors
/// All but `Url` and `Newer`.
pub(super) async fn greet(client: &Client, url: &str) -> Result<Topology, OpenError> {
    let hello = match timely(client.database("admin").run_command(doc! { "hello": 1 })).await {
        Ok(hello) => hello,
        Err(failure) => return Err(why(failure, url).await),
    };
    if hello.number("maxWireVersion").unwrap_or(0) < OLDEST.0 {
        return Err(OpenError::TooOld);
    }
    // `mongos` says `msg: "isdbgrid"`: behind it are replica sets.
    let set = hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|text| text == "isdbgrid");
    Ok(if set { Topology::ReplicaSet } else { Topology::Standalone })
}

async fn why(failure: Failure, url: &str) -> OpenError {
    let Failure::Driver(error) = failure else {
        return OpenError::Unreachable("it did not answer in time".to_owned());
    };
    match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => OpenError::Credentials(reason(&error)),
        ErrorKind::IncompatibleServer { .. } => OpenError::TooOld,
        ErrorKind::ServerSelection { .. } => match other_set(url).await {
            Some(found) => found,
            None => OpenError::Unreachable(reason(&error)),
        },
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } | ErrorKind::DnsResolve { .. } => {
            OpenError::Unreachable(reason(&error))
        }
        _ => OpenError::Other(reason(&error)),
    }
}

/// The driver does not say that the name of the replica set is why it finds no server.
async fn other_set(url: &str) -> Option<OpenError> {
    let options = ClientOptions::parse(url).await.ok()?;
    let wanted = options.repl_set_name.clone()?;
    for address in &options.hosts {
        let Some(hello) = hello(&options, address).await else { continue };
        let host = address.to_string();
        match hello.get_str("setName") {
            Ok(found) if found == wanted => {}
            Ok(found) => return Some(OpenError::ReplicaSet { host, found: found.to_owned(), wanted }),
            // A member that was not initiated yet says so; that may come.
            Err(_) if hello.flag("isreplicaset") => {}
            Err(_) => return Some(OpenError::NoReplicaSet { host, wanted }),
        }
    }
    None
}

/// Asks one server, whatever it belongs to; this needs no password.
async fn hello(options: &ClientOptions, address: &ServerAddress) -> Option<Document> {
    let mut options = options.clone();
    options.hosts = vec![address.clone()];
    options.repl_set_name = None;
    options.direct_connection = Some(true);
    options.credential = None;
    options.server_selection_timeout = Some(Duration::from_secs(2));
    let client = Client::with_options(options).ok()?;
    let answer = timely(client.database("admin").run_command(doc! { "hello": 1 })).await.ok();
    client.shutdown().immediate(true).await;
    answer
}

/// The driver's words without its debugging data, on one line.
pub(super) fn reason(error: &Error) -> String {
    error.kind.to_string().lines().collect::<Vec<_>>().join(" ")
}
