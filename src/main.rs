//! The `chatconnect` binary.

use std::{io::Write, process::ExitCode};

use chatconnect::{
    app::{self, App},
    cli::{self, Command},
    infrastructure::telemetry,
};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("chatconnect: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let command = cli::parse()?;
    let stop = stop_signal().map_err(|error| format!("signals cannot be heard: {error}"))?;
    let config = match command {
        Command::Serve(config) => config,
        Command::Data(command) => return app::run(&command, stop).await.map_err(|error| error.to_string()),
    };
    let _log = telemetry::init_logs()?;
    let metrics = telemetry::init_metrics()?;
    let mut stop = Box::pin(stop);
    let app = tokio::select! {
        app = App::start(&config, metrics) => app.map_err(|error| error.to_string())?,
        () = &mut stop => return Ok(()),
    };
    announce(&format!("listening on http://{}", app.address()));
    app.serve(stop).await.map_err(|error| error.to_string())
}

/// The first line on stdout; whoever started us may have stopped listening.
fn announce(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::debug!(%error, "nobody reads stdout");
    }
}

/// Ends at SIGTERM or SIGINT.
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
