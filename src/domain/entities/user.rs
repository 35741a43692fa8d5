//! People.

use super::{
    ids::{AttachmentId, UserId},
    timestamp::Timestamp,
};
use crate::domain::error::FieldError;

/// 3–32 of `a-z 0-9 . _ -`. Upper case is folded when parsed, so names are unique without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Username(Box<str>);

impl Username {
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let name = text.trim().to_ascii_lowercase();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        if !(3..=32).contains(&name.len()) || !name.chars().all(allowed) {
            return Err(FieldError::new(
                "username",
                "must be 3 to 32 characters out of a-z, 0-9, '.', '_' and '-'",
            ));
        }
        Ok(Self(name.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 1–64 characters after trimming, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(Box<str>);

impl DisplayName {
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let name = text.trim();
        if !(1..=64).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(FieldError::new("displayName", "must be 1 to 64 characters"));
        }
        Ok(Self(name.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Username> for DisplayName {
    fn from(username: &Username) -> Self {
        Self(username.0.clone())
    }
}

/// A password as it was typed: 8 characters to 72 bytes (what bcrypt reads), without the username in it.
/// `Debug` never shows it.
#[derive(Clone)]
pub struct NewPassword(Box<str>);

impl NewPassword {
    /// `field` is the wire name that an error should carry.
    pub fn parse(text: &str, username: Option<&Username>, field: &str) -> Result<Self, FieldError> {
        let refuse = |reason: &str| Err(FieldError::new(field, reason));
        if text.chars().count() < 8 {
            return refuse("must be at least 8 characters");
        }
        if text.len() > 72 {
            return refuse("must be at most 72 bytes");
        }
        if text.contains('\0') {
            return refuse("must not contain a NUL character");
        }
        if username.is_some_and(|name| text.to_lowercase().contains(name.as_str())) {
            return refuse("must not contain the username");
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// A bcrypt hash in modular crypt format (`$2b$…`). `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Box<str>);

impl PasswordHash {
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The interface language that a person chose: a BCP 47 tag of 2–35 characters (RFC 5646).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(Box<str>);

impl Locale {
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let well_formed = (2..=35).contains(&text.len())
            && text
                .split('-')
                .all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
        if !well_formed {
            return Err(FieldError::new("locale", "must be a language tag such as pt-BR"));
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: Username,
    pub display_name: DisplayName,
    pub locale: Option<Locale>,
    /// Their picture, by the upload that it was made from.
    pub avatar: Option<AttachmentId>,
    pub created_at: Timestamp,
    /// When their last connection ended; `None` before the first one.
    pub last_seen_at: Option<Timestamp>,
}

/// What a person changes of their profile; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfilePatch {
    pub display_name: Option<DisplayName>,
    pub locale: Option<Locale>,
    /// `Some(None)` takes the picture away.
    pub avatar: Option<Option<AttachmentId>>,
}
