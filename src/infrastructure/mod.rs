//! The machinery: the web server, the Socket.IO layer, background work, commands.

pub mod cluster;
pub mod commands;
pub mod database;
pub mod socket;
pub mod telemetry;
pub mod webserver;
pub mod worker;
