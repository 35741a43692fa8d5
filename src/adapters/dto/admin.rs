//! What the server says of itself, and what its administrators ask and are answered.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::{IntoParams, ToSchema};

use super::{objects::User, time::Time};
use crate::domain::{
    entities::{account, conversation, registration},
    interfaces::account_repository::Figures as Amounts,
    usecases::admin,
};

/// Who may open an account.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Registration {
    Open,
    Invite,
    Closed,
}

impl From<registration::Registration> for Registration {
    fn from(mode: registration::Registration) -> Self {
        match mode {
            registration::Registration::Open => Self::Open,
            registration::Registration::Invite => Self::Invite,
            registration::Registration::Closed => Self::Closed,
        }
    }
}

impl From<Registration> for registration::Registration {
    fn from(mode: Registration) -> Self {
        match mode {
            Registration::Open => Self::Open,
            Registration::Invite => Self::Invite,
            Registration::Closed => Self::Closed,
        }
    }
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    pub registration: Registration,
    /// Whether you are an administrator; false when you are not signed in.
    pub admin: bool,
    /// The channel that everybody is in; null before the first person has registered.
    pub general_id: Option<String>,
}

impl From<admin::server::Server> for Server {
    fn from(server: admin::server::Server) -> Self {
        Self {
            registration: server.registration.into(),
            admin: server.admin,
            general_id: server.general.map(|id| id.to_string()),
        }
    }
}

/// An account as administrators see it.
#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminAccount {
    pub user: User,
    pub admin: bool,
    /// Since when they may not sign in.
    pub banned_at: Option<Time>,
    pub last_seen_at: Option<Time>,
}

impl From<&account::Account> for AdminAccount {
    fn from(account: &account::Account) -> Self {
        Self {
            user: User::from(&account.user),
            admin: account.admin,
            banned_at: account.banned_at.map(Time::from),
            last_seen_at: account.user.last_seen_at.map(Time::from),
        }
    }
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminAccountResponse {
    pub account: AdminAccount,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminAccountPage {
    pub accounts: Vec<AdminAccount>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AccountFilter {
    #[default]
    All,
    Admins,
    Banned,
}

impl From<AccountFilter> for account::AccountFilter {
    fn from(filter: AccountFilter) -> Self {
        match filter {
            AccountFilter::All => Self::All,
            AccountFilter::Admins => Self::Admins,
            AccountFilter::Banned => Self::Banned,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// The beginning of a username or display name.
    #[serde(default)]
    pub query: String,
    #[serde(default)]
    #[param(inline)]
    pub filter: AccountFilter,
    /// 1–100, by default 20.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateAccount {
    #[ts(optional = nullable)]
    pub admin: Option<bool>,
    /// `true` signs the person out everywhere and lets them sign in no more.
    #[ts(optional = nullable)]
    pub banned: Option<bool>,
}

/// A new password, told once.
#[derive(Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewPassword {
    pub password: String,
}

/// A channel as administrators see it, members of it or not.
#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminChannel {
    pub id: String,
    pub title: String,
    pub member_count: u32,
    pub last_seq: u64,
    pub created_at: Time,
    /// Whether it is the one that everybody joins, which keeps its name and stays.
    pub general: bool,
}

impl AdminChannel {
    pub fn new(channel: &conversation::Conversation, general: bool) -> Self {
        Self {
            id: channel.id.to_string(),
            title: channel.title.as_ref().map(|title| title.as_str().to_owned()).unwrap_or_default(),
            member_count: channel.member_count,
            last_seq: channel.last_seq,
            created_at: channel.created_at.into(),
            general,
        }
    }
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminChannelResponse {
    pub channel: AdminChannel,
}

#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminChannelPage {
    pub channels: Vec<AdminChannel>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RenameChannel {
    /// 1–100 characters.
    pub title: String,
}

/// What is decided for the whole server.
#[derive(Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    pub registration: Registration,
}

/// How much there is; the last ones may be estimates.
#[derive(Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    pub version: String,
    /// When the node that was asked began to serve.
    pub started_at: Time,
    pub users: u64,
    pub banned_users: u64,
    pub conversations: u64,
    pub messages: u64,
    pub files: u64,
    /// Bytes.
    pub file_bytes: u64,
    /// Open sockets of the node that was asked.
    pub connections: u64,
}

impl From<admin::server::ServerFigures> for Figures {
    fn from(server: admin::server::ServerFigures) -> Self {
        let Amounts { users, banned_users, conversations, messages, files, file_bytes } = server.figures;
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: server.started_at.into(),
            users,
            banned_users,
            conversations,
            messages,
            files,
            file_bytes,
            connections: server.connections,
        }
    }
}
