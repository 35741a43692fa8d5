//! Value types with private fields and pure rules: once parsed, they cannot be wrong.

pub mod account;
pub mod actor;
pub mod archive;
pub mod attachment;
pub mod change;
pub mod conversation;
pub mod ids;
pub mod invite;
pub mod message;
pub mod presence;
pub mod registration;
pub mod search_text;
pub mod session;
pub mod signal;
pub mod snippet;
pub mod timestamp;
pub mod user;
