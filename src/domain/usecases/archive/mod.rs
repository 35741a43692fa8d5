//! Moving everything: out into an archive, in from one, across from one database to another.

mod both;
mod carry;
mod checked;
mod checks;
mod compare;
pub mod export;
pub mod import;
pub mod migrate;
mod walk;
