//! One file a resource.

pub mod admin;
pub mod attachments;
pub mod auth;
pub mod conversations;
pub mod invites;
pub mod marks;
pub mod messages;
pub mod operations;
pub mod reports;
pub mod search;
pub mod users;
