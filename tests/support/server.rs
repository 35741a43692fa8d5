//! The whole server, in this process, on a free port, with a database of its own.

use std::net::SocketAddr;

use chatconnect::{
    app::{App, ServeError},
    cli::Cli,
};
use clap::Parser;
use metrics_exporter_prometheus::PrometheusBuilder;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use super::{fresh_name, person::Person, within};

pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServeError>>,
    directory: TempDir,
}

impl Server {
    /// On the embedded database.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}/test.db", directory.path().display());
        Self::launch(directory, &database).await
    }

    /// On another one, which is there or not.
    pub async fn on(database: &str) -> Self {
        Self::launch(tempfile::tempdir().unwrap(), database).await
    }

    async fn launch(directory: TempDir, database: &str) -> Self {
        let data = directory.path().to_str().unwrap();
        let flags = [
            ["--host", "127.0.0.1"],
            ["--port", "0"],
            ["--data-dir", data],
            ["--database-url", database],
            ["--bcrypt-cost", "4"],
            ["--rate-limits", "off"],
        ];
        let flags = ["chatconnect"].into_iter().chain(flags.into_iter().flatten());
        let config = Cli::try_parse_from(flags).unwrap().into_config();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = App::start(&config, metrics).await.unwrap();
        let address = app.address();
        let (stop, stopped) = oneshot::channel::<()>();
        // A server that is dropped stops too.
        let serving = tokio::spawn(app.serve(async { drop(stopped.await) }));
        Self { address, stop, serving, directory }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a server says that stops without being told to.
    ///
    /// # Panics
    /// When it does not, or stops well.
    pub async fn failure(self) -> ServeError {
        let outcome = within("the server gives up", self.serving).await.unwrap();
        drop((self.stop, self.directory));
        outcome.unwrap_err()
    }

    /// A new person with a session.
    pub async fn person(&self) -> Person {
        Person::register(self.address, &fresh_name()).await
    }

    /// # Panics
    /// When the server does not stop well.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        within("the server stops", self.serving).await.unwrap().unwrap();
        drop(self.directory);
    }
}
