//! Settings: one typed struct a concern, from flags and from the environment. docs/OPERATIONS.md lists them all.

pub mod cluster;
pub mod data;
pub mod database;
pub mod limits;
pub mod password;
pub mod server;
pub mod session;
pub mod socket;
pub mod uploads;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct Config {
    #[command(flatten)]
    pub server: server::ServerConfig,
    #[command(flatten)]
    pub database: database::DatabaseConfig,
    #[command(flatten)]
    pub cluster: cluster::ClusterConfig,
    #[command(flatten)]
    pub session: session::SessionConfig,
    #[command(flatten)]
    pub password: password::PasswordConfig,
    #[command(flatten)]
    pub socket: socket::SocketConfig,
    #[command(flatten)]
    pub uploads: uploads::UploadConfig,
    #[command(flatten)]
    pub limits: limits::LimitConfig,
}
