//! The objects of the contract.

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use super::time::Time;
use crate::domain::entities::{
    attachment as domain_attachment, conversation as domain_conversation, invite as domain_invite,
    message as domain_message, presence, session, user,
};

/// A person.
#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: String,
    /// 3–32 of `a-z 0-9 . _ -`, unique.
    pub username: String,
    /// 1–64 characters.
    pub display_name: String,
    /// Their picture, 256×256.
    pub avatar_url: Option<String>,
    pub created_at: Time,
}

impl From<&user::User> for User {
    fn from(user: &user::User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.as_str().to_owned(),
            display_name: user.display_name.as_str().to_owned(),
            avatar_url: user.avatar.map(|id| format!("/api/v1/avatars/{id}")),
            created_at: user.created_at.into(),
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConversationKind {
    Direct,
    Group,
    Channel,
}

impl From<domain_conversation::ConversationKind> for ConversationKind {
    fn from(kind: domain_conversation::ConversationKind) -> Self {
        match kind {
            domain_conversation::ConversationKind::Direct => Self::Direct,
            domain_conversation::ConversationKind::Group => Self::Group,
            domain_conversation::ConversationKind::Channel => Self::Channel,
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    Owner,
    Admin,
    Member,
}

impl From<domain_conversation::Role> for Role {
    fn from(role: domain_conversation::Role) -> Self {
        match role {
            domain_conversation::Role::Owner => Self::Owner,
            domain_conversation::Role::Admin => Self::Admin,
            domain_conversation::Role::Member => Self::Member,
        }
    }
}

#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub user_id: String,
    pub role: Role,
}

/// A conversation as every member sees it; what facts carry.
#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationUpdate {
    pub id: String,
    pub kind: ConversationKind,
    pub title: Option<String>,
    /// At most 100; the rest is paged (`GET …/members`).
    pub members: Vec<Member>,
    pub member_count: u32,
    pub last_message: Option<Message>,
    pub last_seq: u64,
    pub rev: u64,
    pub created_at: Time,
}

impl From<&domain_conversation::Conversation> for ConversationUpdate {
    fn from(conversation: &domain_conversation::Conversation) -> Self {
        let members = conversation.members.iter();
        Self {
            id: conversation.id.to_string(),
            kind: conversation.kind.into(),
            title: conversation.title.as_ref().map(|title| title.as_str().to_owned()),
            members: members
                .map(|member| Member { user_id: member.user.to_string(), role: member.role.into() })
                .collect(),
            member_count: conversation.member_count,
            last_message: conversation.last_message.as_ref().map(Message::from),
            last_seq: conversation.last_seq,
            rev: conversation.rev,
            created_at: conversation.created_at.into(),
        }
    }
}

/// A conversation as its reader sees it.
#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    #[serde(flatten)]
    #[ts(flatten)]
    pub shared: ConversationUpdate,
    /// The newest `seq` that the reader has read.
    pub read_seq: u64,
    pub unread_count: u64,
    pub muted: bool,
}

impl From<&domain_conversation::ConversationView> for Conversation {
    fn from(view: &domain_conversation::ConversationView) -> Self {
        Self {
            shared: (&view.conversation).into(),
            read_seq: view.read_seq,
            unread_count: view.unread_count(),
            muted: view.muted,
        }
    }
}

/// A link that leads into a group or channel: whoever has its id may join.
#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    pub id: String,
    pub conversation_id: String,
    /// Who made it.
    pub creator_id: String,
    pub created_at: Time,
    /// `null`: never.
    pub expires_at: Option<Time>,
    pub uses: u32,
    /// `null`: as many as there are people.
    pub max_uses: Option<u32>,
}

impl From<&domain_invite::Invite> for Invite {
    fn from(invite: &domain_invite::Invite) -> Self {
        Self {
            id: invite.id.to_string(),
            conversation_id: invite.conversation.to_string(),
            creator_id: invite.creator.to_string(),
            created_at: invite.created_at.into(),
            expires_at: invite.expires_at.map(Time::from),
            uses: invite.uses,
            max_uses: invite.max_uses,
        }
    }
}

/// What a file is shown as.
#[derive(Debug, Clone, Copy, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AttachmentKind {
    Image,
    Video,
    Audio,
    /// Anything else; it is only ever downloaded.
    File,
}

impl From<domain_attachment::AttachmentKind> for AttachmentKind {
    fn from(kind: domain_attachment::AttachmentKind) -> Self {
        match kind {
            domain_attachment::AttachmentKind::Image => Self::Image,
            domain_attachment::AttachmentKind::Video => Self::Video,
            domain_attachment::AttachmentKind::Audio => Self::Audio,
            domain_attachment::AttachmentKind::File => Self::File,
        }
    }
}

/// A file of a message.
#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    pub id: String,
    pub kind: AttachmentKind,
    /// 1–255 bytes, without a path.
    pub name: String,
    /// Told from the content.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// Pixels, as it is displayed; of images and, where the sender told, of videos.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Milliseconds; of audio and video, where the sender told.
    pub duration_ms: Option<u32>,
    pub url: String,
    /// A picture that fits into 640×640, of images that do not.
    pub thumbnail_url: Option<String>,
}

impl From<&domain_attachment::Attachment> for Attachment {
    fn from(attachment: &domain_attachment::Attachment) -> Self {
        let url = format!("/api/v1/attachments/{}", attachment.id);
        Self {
            id: attachment.id.to_string(),
            kind: attachment.kind.into(),
            name: attachment.name.as_str().to_owned(),
            content_type: attachment.content_type.as_ref().to_owned(),
            size: attachment.size,
            width: attachment.width,
            height: attachment.height,
            duration_ms: attachment.duration_ms,
            thumbnail_url: attachment.has_thumbnail.then(|| format!("{url}/thumbnail")),
            url,
        }
    }
}

#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    pub emoji: String,
    pub count: u32,
    /// At most 50 of those who reacted.
    pub user_ids: Vec<String>,
}

#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: String,
    pub conversation_id: String,
    /// The place in the conversation: 1, 2, 3 … without a hole.
    pub seq: u64,
    /// The conversation's change counter at the last change of this message.
    pub rev: u64,
    pub sender_id: String,
    pub client_id: String,
    /// Empty once the message was deleted; it may be beside files.
    pub body: String,
    /// At most 10; none once the message was deleted.
    pub attachments: Vec<Attachment>,
    /// The id of the message that this one answers.
    pub reply_to: Option<String>,
    pub reactions: Vec<Reaction>,
    pub created_at: Time,
    pub edited_at: Option<Time>,
    pub deleted_at: Option<Time>,
}

impl From<&domain_message::Message> for Message {
    fn from(message: &domain_message::Message) -> Self {
        let reactions = message.reactions.iter();
        Self {
            id: message.id.to_string(),
            conversation_id: message.conversation.to_string(),
            seq: message.seq,
            rev: message.rev,
            sender_id: message.sender.to_string(),
            client_id: message.client_id.as_str().to_owned(),
            body: message.body.as_ref().map(|body| body.as_str().to_owned()).unwrap_or_default(),
            attachments: message.attachments.iter().map(Attachment::from).collect(),
            reply_to: message.reply_to.map(|id| id.to_string()),
            reactions: reactions
                .map(|reaction| Reaction {
                    emoji: reaction.emoji.as_str().to_owned(),
                    count: reaction.count,
                    user_ids: reaction.users.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            created_at: message.created_at.into(),
            edited_at: message.edited_at.map(Time::from),
            deleted_at: message.deleted_at.map(Time::from),
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PresenceStatus {
    Online,
    Offline,
}

#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    pub user_id: String,
    pub status: PresenceStatus,
    pub last_seen_at: Option<Time>,
}

impl From<&presence::Presence> for Presence {
    fn from(presence: &presence::Presence) -> Self {
        Self {
            user_id: presence.user.to_string(),
            status: if presence.online { PresenceStatus::Online } else { PresenceStatus::Offline },
            last_seen_at: presence.last_seen_at.map(Time::from),
        }
    }
}

/// A signed-in device.
#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: String,
    /// What the client called itself (its `User-Agent`).
    pub device: String,
    pub created_at: Time,
    pub last_seen_at: Time,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Session {
    pub fn new(session: &session::Session, current: bool) -> Self {
        Self {
            id: session.id.to_string(),
            device: session.device.clone(),
            created_at: session.created_at.into(),
            last_seen_at: session.last_seen_at.into(),
            current,
        }
    }
}
