//! Databases on a real MongoDB: on the replica set that `scripts/with-mongod` started for the whole run, or on a mongod
//! that a test has for itself, to be stopped, frozen and killed.

use std::{
    env,
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use mongodb::{
    Client,
    bson::{Document, doc},
    options::ClientOptions,
};
use tempfile::TempDir;

use super::{uuid, within};

const ADDRESS: &str = "CHATCONNECT_TEST_MONGODB";
const SET: &str = "rs0";
const GUARD: &str = "/usr/bin/setpriv";

/// An empty database of one test, on the replica set of the run. It is gone when this is dropped.
pub struct TestDatabase {
    name: String,
    url: String,
}

impl TestDatabase {
    /// # Panics
    /// When the run has no replica set.
    pub fn new() -> Self {
        let Ok(server) = env::var(ADDRESS) else {
            panic!(
                "{ADDRESS} is not set: run `make test-rust`, or `scripts/with-mongod cargo nextest run NAME`"
            );
        };
        let name = format!("test-{}", uuid());
        let url = url_of(&server, &name);
        Self { name, url }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `DATABASE_URL` would say.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (name, url) = (self.name.clone(), self.url.clone());
        // In a thread: the runtime of the test is busy with this very call.
        let dropping = thread::spawn(move || {
            super::runtime().block_on(async {
                let database = client(&url).await.database(&name);
                drop(tokio::time::timeout(Duration::from_secs(10), database.drop()).await);
            });
        });
        drop(dropping.join());
    }
}

/// A client that gives up soon.
///
/// # Panics
/// When the address is none.
pub async fn client(url: &str) -> Client {
    let mut options = ClientOptions::parse(url).await.unwrap();
    options.server_selection_timeout = Some(Duration::from_secs(10));
    options.connect_timeout = Some(Duration::from_secs(5));
    Client::with_options(options).unwrap()
}

/// A mongod of one test, which ends when this is dropped. Starting one takes a second: what needs no fault takes a
/// [`TestDatabase`].
pub struct Mongod {
    child: Child,
    port: u16,
    is_set: bool,
    /// Flags.
    more: &'static [&'static str],
    folder: TempDir,
}

impl Mongod {
    /// A replica set of one, which takes writes.
    pub async fn replica_set() -> Self {
        let mongod = Self::uninitiated().await;
        mongod.initiate().await;
        mongod
    }

    /// What becomes a replica set when it is told to.
    pub async fn uninitiated() -> Self {
        Self::start(true, &[]).await
    }

    /// Makes a replica set of what is none yet, and waits until it takes writes.
    pub async fn initiate(&self) {
        let members = vec![doc! { "_id": 0, "host": format!("127.0.0.1:{}", self.port) }];
        self.admin(doc! { "replSetInitiate": { "_id": SET, "members": members } }).await;
        self.is_writable().await;
    }

    /// A mongod without a replica set: no transactions, no change streams.
    pub async fn standalone() -> Self {
        Self::start(false, &[]).await
    }

    /// A standalone that asks who it is, with one user, who may make others.
    pub async fn guarded(user: &str, password: &str) -> Self {
        let mongod = Self::start(false, &["--auth"]).await;
        mongod.admin(doc! { "createUser": user, "pwd": password, "roles": ["root"] }).await;
        mongod
    }

    async fn start(is_set: bool, more: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let child = spawn(folder.path(), port, is_set, more);
        let mongod = Self { child, port, is_set, more, folder };
        mongod.listens().await;
        mongod
    }

    /// What `DATABASE_URL` would say.
    pub fn url(&self, database: &str) -> String {
        let parameters = if self.is_set { format!("?replicaSet={SET}") } else { String::new() };
        format!("mongodb://127.0.0.1:{}/{database}{parameters}", self.port)
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after `kill`, on the same port and the same data, and waits until it takes writes.
    pub async fn restart(&mut self) {
        self.child = spawn(self.folder.path(), self.port, self.is_set, self.more);
        self.listens().await;
        self.is_writable().await;
    }

    /// From now on it answers nothing and keeps its connections, like a server behind a broken network.
    pub fn freeze(&self) {
        self.signal("STOP");
        // A thread may answer something until the signal has come to it as well.
        let threads = format!("/proc/{}/task", self.child.id());
        let is_stopped = |thread: std::io::Result<std::fs::DirEntry>| {
            let stat = std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap_or_default();
            stat.rsplit(')').next().is_none_or(|rest| !rest.trim_start().starts_with(['R', 'S', 'D']))
        };
        while !std::fs::read_dir(&threads).unwrap().all(is_stopped) {
            std::thread::yield_now();
        }
    }

    /// It goes on, with what was sent to it meanwhile too.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Lets commands fail as `data` says: `{ failCommands: […], errorCode | closeConnection | … }`, `times` times.
    pub async fn fail(&self, times: i32, data: Document) {
        self.admin(doc! { "configureFailPoint": "failCommand", "mode": { "times": times }, "data": data })
            .await;
    }

    async fn admin(&self, command: Document) -> Document {
        let direct = format!("mongodb://127.0.0.1:{}/?directConnection=true", self.port);
        client(&direct).await.database("admin").run_command(command).await.unwrap()
    }

    async fn listens(&self) {
        within("mongod listens", async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }

    async fn is_writable(&self) {
        within("mongod takes writes", async {
            while !self.admin(doc! { "hello": 1 }).await.get_bool("isWritablePrimary").unwrap_or_default() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }
}

impl Drop for Mongod {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Ends with this process too, even when that is killed, where the system can do it.
fn spawn(folder: &Path, port: u16, is_set: bool, more: &[&str]) -> Child {
    let binary = env::var_os("MONGOD").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/mongod")),
        PathBuf::from,
    );
    assert!(binary.exists(), "there is no mongod at {}: run scripts/install-test-deps", binary.display());
    let mut command = if Path::new(GUARD).exists() {
        let mut guard = Command::new(GUARD);
        guard.args(["--pdeathsig", "KILL", "--"]).arg(&binary);
        guard
    } else {
        Command::new(&binary)
    };
    if is_set {
        command.args(["--replSet", SET, "--oplogSize", "64"]);
    }
    command
        .arg("--dbpath")
        .arg(folder)
        .args(["--port", &port.to_string(), "--bind_ip", "127.0.0.1", "--nounixsocket"])
        .args(["--wiredTigerCacheSizeGB", "0.25"])
        .args(["--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=10MB)"])
        .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
        .args(["--setParameter", "enableTestCommands=1"])
        .args(["--setParameter", "ttlMonitorSleepSecs=1"])
        .args(more)
        .stdin(Stdio::null())
        .stdout(File::create(folder.join("log")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A port on which nobody listens, below those that the kernel gives to outgoing connections: a mongod that is killed
/// finds it free again.
pub fn free_port() -> u16 {
    loop {
        let random = u16::from_str_radix(&uuid()[32..], 16).unwrap();
        let port = 15_000 + random % 17_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The address of a database on the server at `server`, which may name parameters.
fn url_of(server: &str, database: &str) -> String {
    let (hosts, parameters) = server.split_once('?').unwrap_or((server, ""));
    let separator = if parameters.is_empty() { "" } else { "?" };
    format!("{}/{database}{separator}{parameters}", hosts.trim_end_matches('/'))
}

#[tokio::test]
async fn a_test_database_is_its_own_and_goes_with_the_test() {
    let (one, other) = (TestDatabase::new(), TestDatabase::new());
    assert_ne!(one.name(), other.name());
    let mongo = client(one.url()).await;
    let database = mongo.default_database().unwrap();
    assert_eq!(database.name(), one.name());
    database.collection("things").insert_one(doc! { "thing": 1 }).await.unwrap();
    let name = one.name().to_owned();
    assert!(mongo.list_database_names().await.unwrap().contains(&name));
    drop(one);
    assert!(!mongo.list_database_names().await.unwrap().contains(&name));
}

#[tokio::test]
async fn a_private_replica_set_fails_freezes_dies_and_comes_back() {
    let mut mongod = Mongod::replica_set().await;
    let mongo = client(&mongod.url("it")).await;
    let things = mongo.default_database().unwrap().collection("things");
    let mut session = mongo.start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    things.insert_one(doc! { "_id": 1 }).session(&mut session).await.unwrap();
    session.commit_transaction().await.unwrap();

    mongod.fail(1, doc! { "failCommands": ["insert"], "errorCode": 2 }).await;
    things.insert_one(doc! { "_id": 2 }).await.unwrap_err();
    mongod.freeze();
    let insert = things.insert_one(doc! { "_id": 3 }).into_future();
    let mut insert = std::pin::pin!(insert);
    tokio::time::timeout(Duration::from_millis(100), &mut insert).await.unwrap_err();
    mongod.thaw();
    within("what waited is done", insert).await.unwrap();

    mongod.kill();
    mongod.restart().await;
    assert_eq!(things.count_documents(doc! {}).await.unwrap(), 2);
}

#[tokio::test]
async fn a_private_standalone_has_no_transactions() {
    let mongod = Mongod::standalone().await;
    let mongo = client(&mongod.url("it")).await;
    let things = mongo.default_database().unwrap().collection("things");
    things.insert_one(doc! { "_id": 1 }).await.unwrap();
    let mut session = mongo.start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    things.insert_one(doc! { "_id": 2 }).session(&mut session).await.unwrap_err();
}
