//! Why a run ends early.

use std::{fmt::Display, io};

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{doing}: {cause}")]
    Io { doing: String, cause: io::Error },
    #[error("{0}")]
    Said(String),
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub fn said(what: impl Into<String>) -> Self {
        Self::Said(what.into())
    }
}

impl From<rustix::io::Errno> for Failure {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Io { doing: "a system call failed".to_owned(), cause: errno.into() }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Said(format!("JSON: {error}"))
    }
}

/// Names what was being done when something failed.
pub trait Doing<T> {
    fn doing(self, what: impl Display) -> Result<T>;
}

impl<T, E: Into<io::Error>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl Display) -> Result<T> {
        self.map_err(|error| Failure::Io { doing: what.to_string(), cause: error.into() })
    }
}
