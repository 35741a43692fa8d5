//! Whether people are there.

use super::{ids::UserId, timestamp::Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    pub user: UserId,
    pub online: bool,
    /// When their last connection ended; `None` while nobody has seen them leave.
    pub last_seen_at: Option<Timestamp>,
}
