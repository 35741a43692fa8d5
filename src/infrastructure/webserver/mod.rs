//! HTTP: one port for the API, Socket.IO and the web client.

pub mod address;
pub mod assets;
pub mod connection;
pub mod docs;
pub mod extract;
pub mod files;
pub mod frames;
pub mod identity;
pub mod layers;
pub mod origin;
pub mod problem;
pub mod router;
pub mod routes;
pub mod session_store;
pub mod wire;
