//! What the server answers, over HTTP and in acks.

use std::collections::HashMap;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use super::objects::{
    Attachment, Conversation, ConversationKind, Invite, Message, Presence, Role, Session, User,
};
use crate::domain::interfaces::message_repository as port;

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserResponse {
    pub user: User,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentResponse {
    pub attachment: Attachment,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPage {
    pub users: Vec<User>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionList {
    pub sessions: Vec<Session>,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationResponse {
    pub conversation: Conversation,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InviteResponse {
    pub invite: Invite,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InviteList {
    pub invites: Vec<Invite>,
}

/// What somebody who is invited sees before they join.
#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitePreview {
    pub kind: ConversationKind,
    pub title: Option<String>,
    pub member_count: u32,
    /// Who invites.
    pub creator: User,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationList {
    pub conversations: Vec<Conversation>,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelPage {
    pub channels: Vec<Conversation>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberDetail {
    pub user: User,
    pub role: Role,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberPage {
    pub members: Vec<MemberDetail>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadPositions {
    /// userId → the newest `seq` that they have read; empty in conversations of more than 100 members.
    pub reads: HashMap<String, u64>,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageResponse {
    pub message: Message,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessagePage {
    /// Ascending by `seq`.
    pub messages: Vec<Message>,
    pub has_more: bool,
}

#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReadState {
    pub read_seq: u64,
    pub unread_count: u64,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    pub message: Message,
    /// At most 200 characters around the first match.
    pub snippet: String,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    pub hits: Vec<SearchHit>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PresenceList {
    pub presence: Vec<Presence>,
}

/// What a client missed (`sync`).
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SyncResult {
    pub conversations: Vec<Conversation>,
    /// Ascending by `rev` in each conversation.
    pub messages: Vec<Message>,
    /// Conversation id → `readSeq`, of all conversations.
    #[ts(type = "Record<string, number>")]
    pub reads: HashMap<String, u64>,
    pub removed: Vec<String>,
    /// Conversations of which the client drops what it holds.
    pub reset: Vec<String>,
    pub complete: bool,
}

impl From<port::SyncPage> for SyncResult {
    fn from(page: port::SyncPage) -> Self {
        let text = |ids: Vec<crate::domain::entities::ids::ConversationId>| {
            ids.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        Self {
            conversations: page.conversations.iter().map(Conversation::from).collect(),
            messages: page.messages.iter().map(Message::from).collect(),
            reads: page.reads.into_iter().map(|(id, seq)| (id.to_string(), seq)).collect(),
            removed: text(page.removed),
            reset: text(page.reset),
            complete: page.complete,
        }
    }
}

/// Nothing to say but that it is done.
#[derive(Debug, Serialize, TS)]
pub struct Done {}
