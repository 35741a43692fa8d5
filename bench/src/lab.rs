//! Where servers are started: each with a fresh database that holds the world of its scenario.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    failure::{Doing, Failure, Result},
    mongod::{Mongod, SESSION_SECRET, SET, prepare},
    process::{self, Cores, Place, Program, free_port, mortal},
    world::World,
};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// One process of the reference server.
    Node,
    /// Two workers of it.
    NodeCluster,
    /// ChatConnect on its embedded database.
    Embedded,
    /// ChatConnect on MongoDB.
    Mongodb,
    /// The least that a server could do.
    Ceiling,
}

impl System {
    pub const ALL: [Self; 5] = [Self::Node, Self::NodeCluster, Self::Embedded, Self::Mongodb, Self::Ceiling];

    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "Node, 1 process",
            Self::NodeCluster => "Node, cluster of 2",
            Self::Embedded => "ChatConnect, embedded",
            Self::Mongodb => "ChatConnect, MongoDB",
            Self::Ceiling => "Ceiling",
        }
    }

    pub fn on_mongodb(self) -> bool {
        matches!(self, Self::Node | Self::NodeCluster | Self::Mongodb)
    }

    /// It gives each message of a room the next number.
    pub fn numbers_messages(self) -> bool {
        self != Self::Node && self != Self::NodeCluster
    }

    /// Where it runs: the two workers of a cluster need both cores.
    pub fn place(self) -> Place {
        if self == Self::NodeCluster { Place::Everywhere } else { Place::Server }
    }
}

pub struct Lab {
    /// The checkout.
    root: PathBuf,
    /// Databases and logs, on the disk of the checkout.
    work: PathBuf,
    pub cores: Cores,
    pub binary: PathBuf,
    mongod: Option<Mongod>,
    launched: usize,
}

/// A server under test.
pub struct Server {
    pub system: System,
    pub program: Program,
    pub port: u16,
    pub cookies: Vec<String>,
    pub mongod: Option<u32>,
    /// How long the import took.
    pub imported: Duration,
    peers: Vec<Server>,
    data: Option<PathBuf>,
    database: Option<Database>,
}

impl Server {
    /// Ends it, and answers how many instructions it has executed outside the kernel; see [`Terms::counted`].
    ///
    /// # Errors
    /// When it was not counted, or did not end when it was asked to.
    pub fn instructions(mut self) -> Result<u64> {
        self.program.stop();
        process::instructions(&counts(self.data.as_deref().unwrap_or(Path::new(""))))
    }

    /// CPU time of all its processes.
    pub fn cpu(&self) -> Duration {
        process::cpu(self.program.pid()) + self.peers.iter().map(Server::cpu).sum::<Duration>()
    }

    /// Bytes that its embedded database has on disk.
    pub fn on_disk(&self) -> u64 {
        let files =
            self.data.as_ref().and_then(|data| fs::read_dir(data).ok()).into_iter().flatten().flatten();
        let database = files.filter(|file| file.file_name().to_string_lossy().starts_with("chatconnect.db"));
        database.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }
}

/// What is in a database before its server starts.
#[derive(Clone, Copy)]
enum Contents<'a> {
    World(&'a World),
    Archive(&'a Path),
}

/// A database of a Node server or of ChatConnect, dropped when it is done with.
#[derive(Debug, Clone)]
struct Database {
    url: String,
    root: PathBuf,
}

impl Drop for Database {
    fn drop(&mut self) {
        // What is left goes with the whole MongoDB.
        let _ = process::output(prepare(&self.root, &self.url).arg("drop"));
    }
}

/// How to start a server, where it is not as always.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub place: Place,
    pub bcrypt_cost: u32,
    /// Under valgrind, which counts instructions: one worker thread, and far slower. For ChatConnect only.
    pub counted: bool,
}

impl Terms {
    pub fn of(system: System) -> Self {
        Self { place: system.place(), bcrypt_cost: 10, counted: false }
    }
}

/// Where valgrind writes what it has counted.
fn counts(data: &Path) -> PathBuf {
    data.with_extension("counts")
}

/// ChatConnect under valgrind, on one worker thread.
fn counted(program: &Path, data: &Path) -> Command {
    let mut command = mortal(Path::new("valgrind"));
    command.args(process::counting(&counts(data))).arg(program).env("TOKIO_WORKER_THREADS", "1");
    command
}

impl Lab {
    pub fn open(root: &Path, binary: PathBuf) -> Result<Self> {
        let work = root.join("bench/work");
        if work.exists() {
            fs::remove_dir_all(&work).doing(work.display())?;
        }
        fs::create_dir_all(&work).doing(work.display())?;
        let cores = Cores::find()?;
        cores.enter(Place::Company)?;
        Ok(Self { root: root.to_owned(), work, cores, binary, mongod: None, launched: 0 })
    }

    pub fn work(&self) -> &Path {
        &self.work
    }

    /// The MongoDB of the benchmark: a replica set of one member, whose journal is on a disk.
    fn mongod(&mut self) -> Result<&Mongod> {
        if self.mongod.is_none() {
            self.mongod = Some(Mongod::start(&self.mongod_binary(), &self.root, &self.work)?);
        }
        self.mongod.as_ref().ok_or_else(|| Failure::said("no MongoDB"))
    }

    /// The one that the tests use.
    pub fn mongod_binary(&self) -> PathBuf {
        self.root.join(env::var("MONGOD").unwrap_or_else(|_| ".venv/bin/mongod".to_owned()))
    }

    /// Starts a server on a fresh database with this world in it.
    pub fn launch(&mut self, system: System, world: &World, terms: Terms) -> Result<Server> {
        self.launch_with(system, Contents::World(world), terms)
    }

    /// Starts a server on a fresh database with what an archive holds; the reference server takes only the messages.
    pub fn launch_archive(&mut self, system: System, archive: &Path, terms: Terms) -> Result<Server> {
        self.launch_with(system, Contents::Archive(archive), terms)
    }

    fn launch_with(&mut self, system: System, contents: Contents, terms: Terms) -> Result<Server> {
        self.launched += 1;
        let name = format!("run{}", self.launched);
        let mut database = None;
        let mut mongod = None;
        if system.on_mongodb() {
            let Mongod { program, port } = self.mongod()?;
            let url = format!("mongodb://127.0.0.1:{port}/{name}?replicaSet={SET}");
            let pid = program.pid();
            mongod = Some(pid);
            database = Some(Database { url, root: self.root.clone() });
            self.cores.put(pid, Place::Everywhere)?;
        }
        // Filling a database is not what is measured.
        self.cores.enter(Place::Everywhere)?;
        let data = self.work.join(&name);
        fs::create_dir_all(&data).doing(data.display())?;
        let url = database.as_ref().map(|database| database.url.clone());
        let mut server = match system {
            System::Node | System::NodeCluster => {
                self.node(system, contents, terms, &data, url.as_deref())?
            }
            System::Embedded | System::Mongodb => {
                self.chatconnect(system, contents, terms, &data, url.as_deref())?
            }
            System::Ceiling => self.ceiling(contents, terms, &data)?,
        };
        server.mongod = mongod;
        server.database = database;
        server.data = Some(data);
        Ok(server)
    }

    fn node(
        &self,
        system: System,
        contents: Contents,
        terms: Terms,
        data: &Path,
        url: Option<&str>,
    ) -> Result<Server> {
        let url = url.unwrap_or_default();
        let mut cookies = String::new();
        match contents {
            Contents::World(world) => {
                let file = data.join("world.json");
                world.write_json(&file)?;
                cookies = process::output(prepare(&self.root, url).arg("seed").arg(file))?;
            }
            Contents::Archive(file) => {
                process::output(prepare(&self.root, url).arg("messages").arg(file))?;
            }
        }
        let mut command = mortal(Path::new("node"));
        command.arg(self.root.join("bench/node/server.mjs"));
        command.env("NODE_ENV", "production").env("PORT", "0");
        command.env("MONGODB_URL", url).env("SESSION_SECRET", SESSION_SECRET);
        command.env("BCRYPT_COST", terms.bcrypt_cost.to_string());
        command.env("WORKERS", if system == System::NodeCluster { "2" } else { "0" });
        if system == System::NodeCluster {
            // Node's cluster hands a port that it chose itself to its workers only.
            command.env("PORT", free_port()?.to_string());
        }
        self.start(system, command, terms, data, cookies.lines().map(str::to_owned).collect())
    }

    fn chatconnect(
        &self,
        system: System,
        contents: Contents,
        terms: Terms,
        data: &Path,
        url: Option<&str>,
    ) -> Result<Server> {
        let own = data.join("world.ndjson");
        let (archive, cookies) = match contents {
            Contents::World(world) => {
                world.write_archive(&own)?;
                (own.as_path(), world.chatconnect_cookies())
            }
            Contents::Archive(file) => (file, Vec::new()),
        };
        let begin = Instant::now();
        process::output(self.configured(Command::new(&self.binary), data, url).arg("import").arg(archive))?;
        let imported = begin.elapsed();
        let mut server = self.start(system, self.serving(data, url, terms), terms, data, cookies)?;
        server.imported = imported;
        Ok(server)
    }

    /// Starts another node of a ChatConnect on MongoDB, on the same database.
    pub fn join(&self, server: &mut Server, terms: Terms) -> Result<u16> {
        let (Some(data), Some(database)) = (&server.data, &server.database) else {
            return Err(Failure::said("this server has no nodes"));
        };
        let data = data.with_extension(format!("node{}", server.peers.len() + 2));
        fs::create_dir_all(&data).doing(data.display())?;
        let command = self.serving(&data, Some(&database.url), terms);
        let mut peer = self.start(server.system, command, terms, &data, Vec::new())?;
        let port = peer.port;
        peer.data = Some(data);
        server.peers.push(peer);
        Ok(port)
    }

    /// ChatConnect as it is measured.
    fn serving(&self, data: &Path, url: Option<&str>, terms: Terms) -> Command {
        let program = if terms.counted { counted(&self.binary, data) } else { mortal(&self.binary) };
        let mut command = self.configured(program, data, url);
        command.env("PORT", "0").env("RATE_LIMITS", "off").env("BCRYPT_COST", terms.bcrypt_cost.to_string());
        command
    }

    fn configured(&self, mut command: Command, data: &Path, url: Option<&str>) -> Command {
        command.env("DATA_DIR", data).env("RUST_LOG", "warn");
        if let Some(url) = url {
            command.env("DATABASE_URL", url);
        }
        command
    }

    fn ceiling(&self, contents: Contents, terms: Terms, data: &Path) -> Result<Server> {
        let own = env::current_exe().doing("looking for the ceiling")?;
        let command = mortal(&own.with_file_name("bench-ceiling"));
        let cookies = match contents {
            Contents::World(world) => world.chatconnect_cookies(),
            Contents::Archive(_) => Vec::new(),
        };
        self.start(System::Ceiling, command, terms, data, cookies)
    }

    fn start(
        &self,
        system: System,
        mut command: Command,
        terms: Terms,
        data: &Path,
        cookies: Vec<String>,
    ) -> Result<Server> {
        if let Some(mongod) = &self.mongod {
            let alone = terms.place == Place::Server;
            self.cores.put(mongod.program.pid(), if alone { Place::Company } else { Place::Everywhere })?;
        }
        self.cores.enter(terms.place)?;
        let log = data.with_extension("log");
        let started = Program::start(&mut command, &log);
        self.cores.enter(Place::Company)?;
        let mut program = started?;
        let line = program.line(|line| line.starts_with("listening on "))?;
        let port = line.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok());
        let port = port.ok_or_else(|| Failure::said(format!("no port in: {line}")))?;
        // What a start leaves to be done soon after is not what is measured.
        std::thread::sleep(Duration::from_millis(500));
        Ok(Server {
            system,
            program,
            port,
            cookies,
            mongod: None,
            imported: Duration::ZERO,
            peers: Vec::new(),
            data: None,
            database: None,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.program.kill();
        if let Some(data) = &self.data {
            let _ = fs::remove_dir_all(data);
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(mongod) = &mut self.mongod {
            mongod.program.kill();
        }
        // The logs stay until the next time.
        let _ = fs::remove_dir_all(self.work.join("mongod"));
    }
}
