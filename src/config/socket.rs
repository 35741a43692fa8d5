//! Socket.IO.

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Socket.IO")]
pub struct SocketConfig {
    /// Milliseconds between pings
    #[arg(long, env = "PING_INTERVAL_MS", default_value_t = 25_000, value_parser = clap::value_parser!(u64).range(100..))]
    pub ping_interval_ms: u64,

    /// Milliseconds after an unanswered ping until a connection counts as lost
    #[arg(long, env = "PING_TIMEOUT_MS", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(100..))]
    pub ping_timeout_ms: u64,

    /// Largest message from a client in bytes
    #[arg(long, env = "SOCKET_MAX_PAYLOAD", default_value_t = 16 * 1024 * 1024)]
    pub socket_max_payload: u64,

    /// Packets that wait for a slow client before it is cut off
    #[arg(long, env = "SOCKET_BUFFER", default_value_t = 2048)]
    pub socket_buffer: usize,

    /// Clients that arrive or catch up at the same time; others wait for their turn
    #[arg(long, env = "SOCKET_ARRIVALS", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    pub socket_arrivals: u16,

    /// Commands of one socket that wait for their turn; more are answered `rate_limited`
    #[arg(long, env = "SOCKET_PENDING", default_value_t = 4096)]
    pub socket_pending: usize,
}
