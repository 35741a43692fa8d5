//! Sessions: a person's signed-in devices.

use super::{
    ids::{SessionId, UserId},
    timestamp::Timestamp,
};

/// What the store knows a cookie by: 128 bits of the SHA-256 of the cookie's value. Whoever reads the database
/// cannot make a cookie out of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey([u8; 16]);

impl SessionKey {
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub key: SessionKey,
    pub id: SessionId,
    pub user: UserId,
    /// What the client called itself (its `User-Agent`), at most 256 characters.
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}
