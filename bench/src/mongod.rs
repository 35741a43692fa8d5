//! The MongoDB of the benchmark.

use std::{fs, path::Path, process::Command};

use crate::{
    failure::{Doing, Result},
    process::{self, Program, free_port, mortal},
};

pub const SET: &str = "rs0";

/// Signs the cookies of the reference server, which lives for the length of a scenario.
pub const SESSION_SECRET: &str = "of no use to anybody";

/// A replica set of one member, whose journal is on a disk.
pub struct Mongod {
    pub program: Program,
    pub port: u16,
}

impl Mongod {
    /// # Errors
    /// When it does not start, or does not become a replica set.
    pub fn start(binary: &Path, root: &Path, work: &Path) -> Result<Self> {
        let data = work.join("mongod");
        fs::create_dir_all(&data).doing(data.display())?;
        let port = free_port()?;
        let mut command = mortal(binary);
        command.args(["--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", SET]);
        command.args(["--wiredTigerCacheSizeGB", "2", "--oplogSize", "1024"]);
        command.args(["--setParameter", "diagnosticDataCollectionEnabled=false"]);
        command.arg("--dbpath").arg(&data).args(["--port", &port.to_string()]);
        command.arg("--logpath").arg(work.join("mongod.log"));
        let program = Program::start(&mut command, &work.join("mongod.err"))?;
        process::output(prepare(root, "").args(["initiate", &port.to_string()]))?;
        Ok(Self { program, port })
    }
}

/// What fills and empties the databases of the reference server.
pub fn prepare(root: &Path, url: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(root.join("bench/node/prepare.mjs"));
    command.env("MONGODB_URL", url).env("SESSION_SECRET", SESSION_SECRET);
    command
}
