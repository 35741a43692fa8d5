//! The ways between nodes. What is common to those that carry bytes: frames are packed ([`wire`]), sent by one task that takes
//! what waits ([`outbox`]), and unpacked where they come in ([`inbox`]).

pub mod inbox;
pub mod memory;
pub mod outbox;
pub mod redis;
mod wire;
