//! The format as other ends of a connection see it.

mod arguments;
mod attachments;
mod names;
mod packets;
