//! The HTTP side.

mod payloads;
