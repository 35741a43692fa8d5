//! Logs and metrics.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Logs to stderr: text on a terminal, JSON lines elsewhere. `RUST_LOG` chooses what (env_logger's syntax). A thread of
/// its own writes, so that nobody waits for whoever reads the log; it ends, with everything written, when the guard is
/// dropped.
///
/// # Errors
/// A sentence when `RUST_LOG` cannot be read.
pub fn init_logs() -> Result<WorkerGuard, String> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => {
            EnvFilter::try_new(&text).map_err(|error| format!("RUST_LOG cannot be read: {error}"))?
        }
        _ => EnvFilter::new(
            "info,socketioxide=warn,engineioxide=warn,tower_sessions_core=error,tower_sessions=error",
        ),
    };
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    if std::io::stderr().is_terminal() {
        logs.with_ansi(true).init();
    } else {
        logs.json().flatten_event(true).init();
    }
    Ok(guard)
}

/// Starts to collect metrics for the whole process; once only.
///
/// # Errors
/// A sentence when metrics are collected already.
pub fn init_metrics() -> Result<PrometheusHandle, String> {
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| format!("metrics cannot be collected: {error}"))
}
