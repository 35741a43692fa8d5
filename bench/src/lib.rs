//! Measures servers side by side: ChatConnect, the Node stack that it replaces, and the least that a server could do.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod about;
pub mod budget;
pub mod failure;
pub mod fleet;
pub mod http;
pub mod lab;
pub mod ledger;
pub mod mark;
pub mod mongod;
pub mod process;
pub mod report;
pub mod results;
pub mod scenarios;
pub mod sockets;
pub mod suite;
pub mod traffic;
pub mod wire;
pub mod world;
