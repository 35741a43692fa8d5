//! Who acts: a person, through one of their sessions.

use super::ids::{SessionId, UserId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Actor {
    pub user: UserId,
    pub session: SessionId,
}
