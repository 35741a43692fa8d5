//! What clients send with a Socket.IO command, and several HTTP routes too.

use std::collections::HashMap;

use serde::Deserialize;
use ts_rs::TS;
use utoipa::ToSchema;

/// `message:send`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SendMessage {
    pub conversation_id: String,
    /// A UUID made by the client; a repeat answers the first message.
    pub client_id: String,
    /// 1–8,000 characters; may be empty beside files.
    pub body: String,
    #[ts(optional = nullable)]
    pub reply_to: Option<String>,
    /// At most 10 uploads of yours that no other message has.
    #[ts(optional = nullable)]
    pub attachment_ids: Option<Vec<String>>,
}

/// `message:edit`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EditMessage {
    pub message_id: String,
    pub body: String,
}

/// `message:delete`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeleteMessage {
    pub message_id: String,
}

/// `message:react`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReactMessage {
    pub message_id: String,
    pub emoji: String,
    pub on: bool,
}

/// `message:list`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListMessages {
    pub conversation_id: String,
    /// Only messages with a smaller `seq`.
    #[ts(optional = nullable)]
    pub before: Option<u64>,
    /// Only messages with a greater `seq`.
    #[ts(optional = nullable)]
    pub after: Option<u64>,
    /// Only messages written at this time (RFC 3339) or later, the oldest first; not together with the bounds by `seq`.
    #[ts(optional = nullable)]
    pub since: Option<String>,
    /// 1–200, by default 50.
    #[ts(optional = nullable)]
    pub limit: Option<u32>,
}

/// `conversation:create`, `POST /api/v1/conversations`
#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateConversation {
    /// `direct`, `group` or `channel`.
    #[ts(type = "\"direct\" | \"group\" | \"channel\"")]
    pub kind: String,
    #[ts(optional = nullable)]
    pub title: Option<String>,
    /// The others; may name the caller too. Nobody is needed in a channel.
    #[serde(default)]
    pub member_ids: Vec<String>,
}

/// `conversation:join`, `conversation:leave`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRef {
    pub conversation_id: String,
}

/// `conversation:read`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MarkRead {
    pub conversation_id: String,
    pub seq: u64,
}

/// `sync`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SyncRequest {
    /// Conversation id → the `rev` that the client holds.
    #[ts(type = "Record<string, number>")]
    pub cursors: HashMap<String, u64>,
}

/// `presence:watch`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WatchPresence {
    /// At most 200; replaces the last.
    pub user_ids: Vec<String>,
}

/// `typing:set`
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetTyping {
    pub conversation_id: String,
    pub typing: bool,
}

/// `conversation:list`
#[derive(Debug, Deserialize, TS)]
pub struct Empty {}
