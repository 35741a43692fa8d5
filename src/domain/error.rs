//! What can go wrong, in the domain's words. Each case has one stable code (docs/PROTOCOL.md, "Errors").

use std::time::Duration;

use thiserror::Error;

pub mod archive;

/// Why one field of an input was refused, in words a person can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as it stands on the wire (camelCase).
    pub field: String,
    pub reason: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// A cause that only the log may see.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Error)]
pub enum DomainError {
    #[error("you are not signed in")]
    Unauthenticated,
    #[error("the username or the password is wrong")]
    BadCredentials,
    #[error("you may not sign in here any more; ask an administrator of the server")]
    Banned,
    #[error("no account can be opened here without an invitation")]
    RegistrationClosed,
    #[error("you may not do this")]
    Forbidden,
    #[error("you are not a member of this conversation")]
    NotMember,
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("this username is taken")]
    UsernameTaken,
    #[error("a channel with this title exists")]
    TitleTaken,
    #[error("a direct conversation cannot be changed in this way")]
    DirectFixed,
    #[error("this message was deleted")]
    MessageDeleted,
    #[error("the input is not valid")]
    Invalid(Vec<FieldError>),
    #[error("the payload cannot be read")]
    InvalidPayload(Vec<FieldError>),
    #[error("there is no such command")]
    UnknownEvent,
    #[error("this is too much at once; wait a little")]
    RateLimited { retry_after: Duration },
    #[error("the payload is too large")]
    TooLarge,
    #[error("the file is larger than the {} that are allowed", megabytes(*.limit))]
    AttachmentTooLarge {
        /// Bytes.
        limit: u64,
    },
    /// The database or another part cannot serve now; the same request may succeed later.
    #[error("this cannot be served right now")]
    Unavailable { retry_after: Duration, cause: Cause },
    #[error("something went wrong on the server")]
    Internal(Cause),
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

pub type Result<T, E = DomainError> = std::result::Result<T, E>;

impl DomainError {
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, reason)])
    }

    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// `retry_after` is one second: what a short stall of a disk or a failover usually takes.
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable { retry_after: Duration::from_secs(1), cause: cause.into() }
    }

    /// The stable code that clients switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::BadCredentials => "auth.bad_credentials",
            Self::Banned => "auth.banned",
            Self::RegistrationClosed => "auth.registration_closed",
            Self::Forbidden => "forbidden",
            Self::NotMember => "conversation.not_member",
            Self::NotFound(_) => "not_found",
            Self::UsernameTaken => "user.username_taken",
            Self::TitleTaken => "conversation.title_taken",
            Self::DirectFixed => "conversation.direct_fixed",
            Self::MessageDeleted => "message.deleted",
            Self::Invalid(_) => "invalid",
            Self::InvalidPayload(_) => "invalid_payload",
            Self::UnknownEvent => "unknown_event",
            Self::RateLimited { .. } => "rate_limited",
            Self::TooLarge => "too_large",
            Self::AttachmentTooLarge { .. } => "attachment.too_large",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// How long a client should wait before it tries the same again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Unavailable { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }

    /// The refused fields, empty unless the input was at fault.
    pub fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(fields) | Self::InvalidPayload(fields) => fields,
            _ => &[],
        }
    }

    /// What only the log may see.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Unavailable { cause, .. } | Self::Internal(cause) => Some(cause),
            _ => None,
        }
    }
}
