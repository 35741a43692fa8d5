//! Who is there, and who is typing.

pub mod track_presence;
pub mod typing;
