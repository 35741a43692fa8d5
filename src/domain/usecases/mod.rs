//! What people do: one struct a file, `execute(&self, actor, input)`. Each checks who may, asks the ports, and
//! answers in the domain's words. Telling others is not done here: what the database committed comes out of its
//! change feed, and [`deliver`] hands it to the publisher.

pub mod admin;
pub mod archive;
pub mod attachments;
pub mod auth;
pub mod conversations;
pub mod deliver;
pub mod invites;
pub mod messages;
pub mod presence;
pub mod users;
