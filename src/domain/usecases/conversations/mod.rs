//! Places to talk, and who is in them.

pub mod add_members;
pub mod browse_channels;
pub mod create;
pub mod delete;
pub mod join;
pub mod list;
pub mod list_members;
pub mod list_reads;
pub mod mark_read;
pub mod remove_member;
pub mod rename;
pub mod set_role;
