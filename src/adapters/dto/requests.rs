//! What clients send in HTTP bodies and queries.

use serde::{Deserialize, Deserializer};
use ts_rs::TS;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Register {
    /// 3–32 of `a-z 0-9 . _ -`.
    pub username: String,
    /// 8 characters to 72 bytes.
    pub password: String,
    /// 1–64 characters; the username when it is left out.
    #[ts(optional = nullable)]
    pub display_name: Option<String>,
    /// An invitation into a group or channel, which lets in where `registration` is `invite`; it is not used up.
    #[ts(optional = nullable)]
    pub invite_id: Option<String>,
}

/// The body of `DELETE /api/v1/users/me`.
#[derive(Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloseAccount {
    pub password: String,
}

#[derive(Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    pub username: String,
    pub password: String,
}

#[derive(Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangePassword {
    pub current_password: String,
    /// 8 characters to 72 bytes.
    pub new_password: String,
}

/// A field that tells `null` from what is left out.
#[derive(Debug, Default)]
pub struct Given<T>(pub Option<Option<T>>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|given| Self(Some(given)))
    }
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateProfile {
    #[ts(optional = nullable)]
    pub display_name: Option<String>,
    /// An image that you uploaded and have not sent; `null` takes the picture away.
    #[serde(default)]
    #[ts(as = "Option<String>", optional = nullable)]
    #[schema(value_type = Option<String>)]
    pub avatar_id: Given<String>,
    /// A language tag such as `pt-BR`.
    #[ts(optional = nullable)]
    pub locale: Option<String>,
}

#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateConversation {
    #[ts(optional = nullable)]
    pub title: Option<String>,
}

/// The body of `POST …/{id}/invites`.
#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateInvite {
    /// 1–8,760; without it, it never expires.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub expires_in_hours: Option<u32>,
    /// 1–10,000; without it, as many as there are people.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub max_uses: Option<u32>,
}

/// The body of `PATCH …/{id}/me`.
#[derive(Debug, Deserialize, TS, ToSchema)]
pub struct SetMuted {
    pub muted: bool,
}

/// The body of `PATCH …/{id}/members/{userId}`.
#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetRole {
    /// `owner`, `admin` or `member`; who becomes owner makes an admin of the one before.
    pub role: String,
}

#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddMembers {
    pub member_ids: Vec<String>,
}

/// The parts of an upload; `file` is the last one.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct UploadForm {
    /// Milliseconds, 0–86,400,000; kept of audio and video.
    pub duration_ms: Option<u32>,
    /// Pixels, 1–16,384; kept of videos, since images say it themselves.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// With a file name.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// The body of `POST …/{id}/messages`.
#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PostMessage {
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// The beginning of a username or display name.
    #[serde(default)]
    pub query: String,
    /// Up to 200 ids with commas between them; answers just these people.
    pub ids: Option<String>,
    /// 1–100, by default 20.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChannelQuery {
    /// A part of the title.
    #[serde(default)]
    pub query: String,
    /// 1–100, by default 20.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 1–100, by default 20.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessageQuery {
    /// Only messages with a smaller `seq`.
    pub before: Option<u64>,
    /// Only messages with a greater `seq`.
    pub after: Option<u64>,
    /// Only messages written at this time (RFC 3339) or later, the oldest first; not together with the bounds by `seq`.
    pub since: Option<String>,
    /// 1–200, by default 50.
    pub limit: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct SearchQuery {
    /// Words that must all occur; the last one as a beginning.
    pub q: String,
    pub conversation_id: Option<String>,
    /// Only what this person wrote.
    pub sender_id: Option<String>,
    /// Only what was written at this time (RFC 3339) or later.
    pub since: Option<String>,
    /// Only what was written before this time (RFC 3339).
    pub until: Option<String>,
    /// 1–100, by default 20.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}
