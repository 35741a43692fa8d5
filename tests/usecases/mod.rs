//! Rules that cannot be reached from the outside, with a clock, ids and a publisher that tests decide.

mod archive;
mod attachments;
mod auth;
mod deliver;
mod limits;
mod nodes;
mod presence;
mod roles;
mod sessions;
mod stage;
mod typing;
