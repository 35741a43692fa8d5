//! The HTTP side.

mod outage;
mod payloads;
