//! What the server tells sockets by itself.

use serde::Serialize;
use ts_rs::TS;

use super::{
    objects::{ConversationUpdate, Message, PresenceStatus, User},
    time::Time,
};

/// `session:ready`, the first event after connecting
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionReady {
    pub user: User,
    pub server_time: Time,
}

/// `message:created`, `message:updated`
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageFact {
    pub message: Message,
}

/// `conversation:created`, `conversation:updated`
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationFact {
    pub conversation: ConversationUpdate,
}

/// `conversation:removed`
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRemoved {
    pub conversation_id: String,
}

/// `conversation:read`
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRead {
    pub conversation_id: String,
    pub user_id: String,
    pub seq: u64,
}

/// `user:updated`
#[derive(Debug, Serialize, TS)]
pub struct UserUpdated {
    pub user: User,
}

/// `user:deleted`
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserDeleted {
    pub user_id: String,
}

/// `typing:changed`
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TypingChanged {
    pub conversation_id: String,
    pub user_id: String,
    pub typing: bool,
}

/// `presence:changed`
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PresenceChanged {
    pub user_id: String,
    pub status: PresenceStatus,
    pub last_seen_at: Option<Time>,
}

/// `sync:needed`: this socket may have missed a fact; its client calls `sync`
#[derive(Debug, Serialize, TS)]
pub struct SyncNeeded {}
