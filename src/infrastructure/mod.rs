//! The machinery: the web server, the Socket.IO layer, background work, commands.

pub mod commands;
pub mod socket;
pub mod telemetry;
pub mod webserver;
pub mod worker;
