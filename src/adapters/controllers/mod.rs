//! Transport-free: who acts and a wire type in, a wire type out. HTTP and Socket.IO call the same ones.

pub mod admin;
pub mod attachments;
pub mod auth;
pub mod conversations;
pub mod export;
pub mod invites;
pub mod messages;
pub mod presence;
pub mod users;

use std::{str::FromStr, sync::Arc};

use crate::domain::{
    entities::ids::UserId,
    error::{DomainError, Result},
};

/// Everything that clients can ask for.
pub struct Controllers {
    pub auth: auth::AuthController,
    pub users: users::UserController,
    pub conversations: conversations::ConversationController,
    pub messages: messages::MessageController,
    pub invites: invites::InviteController,
    pub attachments: attachments::AttachmentController,
    pub presence: presence::PresenceController,
    pub admin: admin::AdminController,
}

pub type SharedControllers = Arc<Controllers>;

/// Ids are opaque to clients, so one that this server could not have made is simply not found.
fn known<T: FromStr>(text: &str, what: &'static str) -> Result<T> {
    text.parse().map_err(|_| DomainError::NotFound(what))
}

fn user_ids(texts: &[String], field: &str) -> Result<Vec<UserId>> {
    texts
        .iter()
        .map(|text| text.parse().map_err(|_| DomainError::invalid(field, "must be ids of people")))
        .collect()
}

/// Pages of people, channels, members and hits: 1–100, by default 20.
fn page_limit(limit: Option<u32>) -> Result<u32> {
    match limit.unwrap_or(20) {
        limit @ 1..=100 => Ok(limit),
        _ => Err(DomainError::invalid("limit", "must be 1 to 100")),
    }
}
