//! Who is there, and who is typing, on all nodes together.

pub mod hear_signals;
mod peers;
mod roll;
pub mod track_presence;
pub mod typing;
pub mod voice;
pub mod watch_nodes;
