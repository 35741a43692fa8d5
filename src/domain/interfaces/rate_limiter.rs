//! How often somebody may do something.

use std::net::IpAddr;

use crate::domain::{entities::ids::UserId, error::Result};

/// Kinds of action that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Register,
    /// Giving a password, right or wrong.
    LogIn,
    /// Opening a connection.
    Connect,
    SendMessage,
    Upload,
    /// Anything else that writes.
    Write,
    /// Anything that reads.
    Read,
    Search,
    /// Typing, presence.
    Signal,
}

/// Whose budget an action uses up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    Address(IpAddr),
    User(UserId),
    /// A name that somebody tries to log in with, whether or not it exists.
    Account(String),
}

pub trait RateLimiter: Send + Sync {
    /// Uses one unit of the subject's budget.
    ///
    /// # Errors
    /// `RateLimited` with the time until the next unit when the budget is used up.
    fn check(&self, action: Action, subject: &Subject) -> Result<()>;
}
