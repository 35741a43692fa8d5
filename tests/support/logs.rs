//! What this process logs, at the most talkative level of everything that serves HTTP. The Socket.IO library writes
//! whole messages at its debug level; no password ever goes that way.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tracing_subscriber::EnvFilter;

#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Logs go here from now on; for the whole process, so that the server's tasks are heard too.
    pub fn capture() -> Self {
        static LOGS: OnceLock<Logs> = OnceLock::new();
        let begin = || {
            let logs = Self::default();
            let sink = logs.clone();
            let filter = EnvFilter::new(
                "info,chatconnect=trace,axum=trace,hyper=trace,tower=trace,tower_http=trace,tower_sessions=trace,\
                 tower_sessions_core=trace,socketioxide=warn,engineioxide=warn",
            );
            tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_ansi(false)
                .with_writer(move || sink.clone())
                .init();
            logs
        };
        LOGS.get_or_init(begin).clone()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
