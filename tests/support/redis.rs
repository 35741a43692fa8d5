//! A Redis server of one test, which keeps nothing and ends when this is dropped.

use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::{mongod::free_port, within};

const GUARD: &str = "/usr/bin/setpriv";

pub struct RedisServer {
    child: Option<Child>,
    port: u16,
}

impl RedisServer {
    pub async fn started() -> Self {
        let mut server = Self::stopped();
        server.start().await;
        server
    }

    /// One that nobody has started yet.
    pub fn stopped() -> Self {
        Self { child: None, port: free_port() }
    }

    /// What `REDIS_URL` would say.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it, for the first time or after `kill`, on the same port.
    pub async fn start(&mut self) {
        self.child = Some(spawn(self.port));
        within("Redis listens", async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// From now on it answers nothing and keeps its connections, like a server behind a broken network.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Ends with this process too, even when that is killed, where the system can do it.
fn spawn(port: u16) -> Child {
    let binary = env::var("REDIS_SERVER").unwrap_or_else(|_| "/usr/bin/redis-server".to_owned());
    assert!(Path::new(&binary).exists(), "there is no {binary}: run scripts/install-test-deps");
    let mut command = if Path::new(GUARD).exists() {
        let mut guard = Command::new(GUARD);
        guard.args(["--pdeathsig", "KILL", "--", &binary]);
        guard
    } else {
        Command::new(&binary)
    };
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
