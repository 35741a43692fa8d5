//! The Socket.IO side, packet by packet.

mod payloads;
mod pipeline;
mod sessions;
mod wire;
