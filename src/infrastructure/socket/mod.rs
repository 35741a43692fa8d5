//! Socket.IO: the entrance, the handshake, the commands.

pub mod acks;
pub mod commands;
pub mod gate;
pub mod handshake;
pub mod inbox;
pub mod server;
