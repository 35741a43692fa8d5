//! What the server says of itself, and what its administrators ask and are answered.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::domain::{entities::registration, usecases::admin};

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
}

impl From<admin::server::Server> for Server {
    fn from(server: admin::server::Server) -> Self {
        Self { registration: server.registration.into(), admin: server.admin }
    }
}
