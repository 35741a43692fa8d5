//! What is wrong with messages.

pub mod close;
pub mod list;
pub mod report;
