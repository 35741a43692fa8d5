//! The wire types. `packages/protocol` and the OpenAPI document are generated from them.

pub mod admin;
pub mod archive;
pub mod bindings;
pub mod commands;
pub mod decode;
pub mod errors;
pub mod events;
pub mod facts;
pub mod objects;
pub mod requests;
pub mod responses;
pub mod time;
