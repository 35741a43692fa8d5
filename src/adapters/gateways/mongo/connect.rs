//! The way to the server: settings, the first contact, and what is wrong when there is none.

use std::time::Duration;

use futures_util::future::join_all;
use mongodb::{
    Client, Database as Db,
    bson::{Document, doc},
    error::{Error, ErrorKind},
    options::{
        Acknowledgment, ClientOptions, ConnectionString, DatabaseOptions, HostInfo, ReadConcern,
        ReadPreference, SelectionCriteria, ServerAddress, ServerMonitoringMode, WriteConcern,
    },
};

use super::{
    errors::{Failure, timely},
    values::Fields,
};

/// The oldest server that has what is needed: snapshot reads outside of transactions came with 5.0.
const OLDEST: (u64, &str) = (13, "5.0");

/// What the driver says of a server that is too old even for it.
const OLDER: &str = "driver requires at least";

/// When the connection string names no database.
const DATABASE: &str = "chatconnect";

/// Operations that the server works on at the same time; what is beyond waits here, where waiting is cheap.
const CONNECTIONS: u32 = 50;

/// How long a primary is looked for: by operations, which may outlast an election, and when asking how the server is.
const SELECTION: Duration = Duration::from_secs(5);
const QUICK_SELECTION: Duration = Duration::from_secs(1);

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
        "the MongoDB server does not let DATABASE_URL use the database {database} ({cause}): name a user with the \
         role readWrite on it"
    )]
    Rights { database: String, cause: String },
    #[error(
        "the collection {collection} of the database {database} holds documents of another program: rename it, or \
         name another database in DATABASE_URL"
    )]
    Foreign { database: String, collection: String },
    #[error("there is no ChatConnect database {database} on the MongoDB server: name another one")]
    Missing { database: String },
    #[error(
        "the database {database} was written by an older version of this program: start the server on it once, which \
         brings it forward"
    )]
    Older { database: String },
    #[error(
        "the database {database} holds an unfinished import from {origin}: give the same command again, which goes on \
         with it, or drop the database and begin anew"
    )]
    Unfinished { database: String, origin: String },
    #[error(
        "the database {database} is in use by {servers} of its servers: stop them first (one that was killed is \
         forgotten after ten seconds)"
    )]
    InUse { database: String, servers: usize },
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

/// The connections, which are made when they are first used.
pub(super) struct Clients {
    pub(super) client: Client,
    pub(super) db: Db,
    /// Asks how the server is, beside all work, so that it hears of a server that is there when everything else waits.
    pub(super) watch: Db,
    options: ClientOptions,
}

/// Refuses what cannot be read, before anything is connected.
///
/// # Errors
/// `Url`.
pub(super) fn check(url: &str) -> Result<(), OpenError> {
    ConnectionString::parse(url).map(drop).map_err(|error| unreadable(url, &error))
}

/// # Errors
/// `Url`; `Unreachable` when the hosts of a `mongodb+srv` address cannot be looked up.
pub(super) async fn clients(url: &str) -> Result<Clients, OpenError> {
    let mut options = ClientOptions::parse(url).await.map_err(|error| match error.kind.as_ref() {
        ErrorKind::DnsResolve { .. } | ErrorKind::Io(_) => OpenError::Unreachable(reason(&error)),
        _ => unreadable(url, &error),
    })?;
    options.app_name.get_or_insert_with(|| "chatconnect".to_owned());
    // Whoever waits for an answer is better told soon that there is none. All can be set in the URL.
    options.server_selection_timeout.get_or_insert(SELECTION);
    options.connect_timeout.get_or_insert(SELECTION);
    options.heartbeat_freq.get_or_insert(Duration::from_secs(2));
    options.max_pool_size.get_or_insert(CONNECTIONS);
    // What the contract promises does not hang on what the connection string says; transactions would take these over.
    options.selection_criteria = None;
    options.read_concern = None;
    options.write_concern = None;
    let name = options.default_database.clone().unwrap_or_else(|| DATABASE.to_owned());
    let client = connected(&options, url)?;
    let watch = connected(&quick(options.clone()), url)?.database_with_options(&name, safe());
    Ok(Clients { db: client.database_with_options(&name, safe()), client, watch, options })
}

/// What a database is called in sentences, the same each time and without secrets: hosts and name.
///
/// # Errors
/// `Url`.
pub fn name(url: &str) -> Result<String, OpenError> {
    let parsed = ConnectionString::parse(url).map_err(|error| unreadable(url, &error))?;
    let hosts = match parsed.host_info {
        HostInfo::HostIdentifiers(hosts) => {
            let mut hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
            hosts.sort_unstable();
            hosts.join(",")
        }
        HostInfo::DnsRecord(host) => host,
        _ => String::new(),
    };
    Ok(format!("mongodb://{hosts}/{}", parsed.default_database.as_deref().unwrap_or(DATABASE)))
}

fn connected(options: &ClientOptions, url: &str) -> Result<Client, OpenError> {
    Client::with_options(options.clone()).map_err(|error| unreadable(url, &error))
}

fn quick(mut options: ClientOptions) -> ClientOptions {
    options.server_selection_timeout = Some(QUICK_SELECTION);
    options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
    options.min_pool_size = None;
    options.max_pool_size = Some(2);
    options
}

/// Durable on a majority, and read from where it was written.
fn safe() -> DatabaseOptions {
    DatabaseOptions::builder()
        .write_concern(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build())
        .read_concern(ReadConcern::majority())
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .build()
}

/// Asks the server what it is.
///
/// # Errors
/// All but `Url`, `Newer`, `Rights` and `Foreign`.
pub(super) async fn greet(clients: &Clients) -> Result<Topology, OpenError> {
    let hello = match timely(clients.watch.run_command(doc! { "hello": 1 })).await {
        Ok(hello) => hello,
        Err(failure) => return Err(why(failure, &clients.options).await),
    };
    if hello.number("maxWireVersion").unwrap_or(0) < OLDEST.0 {
        return Err(OpenError::TooOld);
    }
    if hello.flag("isreplicaset") {
        return Err(OpenError::Unreachable("its replica set was not initiated yet".to_owned()));
    }
    // `mongos` says `msg: "isdbgrid"`: behind it are replica sets.
    let set = hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|text| text == "isdbgrid");
    Ok(if set { Topology::ReplicaSet } else { Topology::Standalone })
}

async fn why(failure: Failure, options: &ClientOptions) -> OpenError {
    let Failure::Driver(error) = failure else {
        return OpenError::Unreachable("it did not answer in time".to_owned());
    };
    match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => OpenError::Credentials(reason(&error)),
        ErrorKind::IncompatibleServer { .. } => OpenError::TooOld,
        ErrorKind::ServerSelection { message, .. } if message.contains(OLDER) => OpenError::TooOld,
        ErrorKind::ServerSelection { .. } => match other_set(options).await {
            Some(found) => found,
            None => OpenError::Unreachable(reason(&error)),
        },
        _ if super::errors::passes(&error) => OpenError::Unreachable(reason(&error)),
        _ => OpenError::Other(reason(&error)),
    }
}

/// The driver does not say that the name of the replica set is why it finds no server.
async fn other_set(options: &ClientOptions) -> Option<OpenError> {
    let wanted = options.repl_set_name.clone()?;
    let hellos = join_all(options.hosts.iter().map(|address| hello(options, address))).await;
    for (address, hello) in options.hosts.iter().zip(hellos) {
        let (host, wanted) = (address.to_string(), wanted.clone());
        match hello.as_ref().map(|hello| (hello.get_str("setName"), hello.flag("isreplicaset"))) {
            Some((Ok(found), _)) if found != wanted => {
                return Some(OpenError::ReplicaSet { host, found: found.to_owned(), wanted });
            }
            Some((Err(_), false)) => return Some(OpenError::NoReplicaSet { host, wanted }),
            // A member that was not initiated yet says so; that may come.
            Some((Ok(_), _) | (Err(_), true)) | None => {}
        }
    }
    None
}

/// Asks one server, whatever it belongs to; this needs no password.
async fn hello(options: &ClientOptions, address: &ServerAddress) -> Option<Document> {
    let mut options = quick(options.clone());
    options.hosts = vec![address.clone()];
    options.repl_set_name = None;
    options.direct_connection = Some(true);
    options.credential = None;
    let client = Client::with_options(options).ok()?;
    let answer = timely(client.database("admin").run_command(doc! { "hello": 1 })).await.ok();
    client.shutdown().immediate(true).await;
    answer
}

/// The driver's words on one line, and without what only helps those who write drivers.
pub(super) fn reason(error: &Error) -> String {
    let text = error.kind.to_string().lines().collect::<Vec<_>>().join(" ");
    match error.kind.as_ref() {
        ErrorKind::ServerSelection { .. } => no_primary(&text).unwrap_or(text),
        // The command follows, with all that is in it.
        ErrorKind::Command(error) => error.message.split(" { ").next().unwrap_or_default().to_owned(),
        _ => text,
    }
}

/// Reads `… Servers: [ { Address: HOST, Type: KIND, Error: Kind: CAUSE, labels: … }, … ]`.
fn no_primary(text: &str) -> Option<String> {
    let (_, servers) = text.split_once("Servers: [ ")?;
    let servers = servers.split("{ Address: ").skip(1).map(|server| {
        let (host, rest) = server.split_once(", Type: ")?;
        let (kind, rest) = rest.split_once([',', ' '])?;
        let cause = rest.split_once("Kind: ").and_then(|(_, rest)| rest.split_once(", labels: "));
        Some(format!("{host} ({})", cause.map_or(kind, |(cause, _)| cause)))
    });
    Some(format!("no primary among {}", servers.collect::<Option<Vec<_>>>()?.join(", ")))
}

/// The driver quotes what it cannot read, which may be a piece of a password. So what stands before the last `@` is
/// taken away: if the rest cannot be read either, what is said about it is no secret.
fn unreadable(url: &str, error: &Error) -> OpenError {
    let Some((secret, rest)) = url.rsplit_once('@') else { return OpenError::Url(reason(error)) };
    let scheme = secret.split_once("://").map_or("mongodb", |(scheme, _)| scheme);
    OpenError::Url(match ConnectionString::parse(format!("{scheme}://{rest}")) {
        Err(error) => reason(&error),
        Ok(_) => "what does not stand for itself in the user name and the password, such as @ : / ? # %, is \
                  written with a percent sign"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drivers_words_are_made_readable() {
        let words = "Server selection timeout: No available servers. Topology: { Type: ReplicaSetNoPrimary, Set Name: \
                     rs0, Servers: [ { Address: a:1, Type: Unknown, Error: Kind: I/O error: Connection refused (os \
                     error 111), labels: {\"RetryableError\"}, source: None, server response: None }, { Address: b:2, \
                     Type: RSSecondary, Average RTT: 1ms }, { Address: c:3, Type: Unknown } ] }";
        let sentence = "no primary among a:1 (I/O error: Connection refused (os error 111)), b:2 (RSSecondary), \
                        c:3 (Unknown)";
        assert_eq!(no_primary(words).as_deref(), Some(sentence));
        assert_eq!(no_primary("Server selection timeout: No available servers. Topology: { }"), None);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_password_is_not() {
        check("mongodb://ana:s%40cret@127.0.0.1:27017,127.0.0.1:27018/chat?replicaSet=rs0&w=1").unwrap();
        for (url, named) in [
            ("mongodb://127.0.0.1:port/chat", "port"),
            ("mongodb://ana:secret@127.0.0.1:port/chat", "port"),
            ("mongodb://127.0.0.1/chat?directConnection=perhaps", "directconnection"),
            ("mongodb://ana:se/cret@127.0.0.1/chat", "percent sign"),
            ("mongodb://ana:se?cret@127.0.0.1/chat", "percent sign"),
            ("mongodb://ana:secret?x@127.0.0.1/chat", "percent sign"),
            ("mongodb://ana:sec%ret@127.0.0.1/chat", "percent sign"),
            ("mongodb://ana:se@cret@127.0.0.1/chat", "percent sign"),
        ] {
            let sentence = check(url).unwrap_err().to_string();
            assert!(sentence.to_lowercase().contains(named), "{sentence}");
            assert!(!sentence.contains("cret") && !sentence.contains('\n'), "{sentence}");
        }
    }
}
