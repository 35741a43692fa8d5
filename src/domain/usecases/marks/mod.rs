//! What people mark for themselves.

pub mod block;
pub mod list_marks;
pub mod set_marks;
