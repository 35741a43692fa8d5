//! What the driver's errors mean to the domain.

use std::future::{Future, IntoFuture};
use std::time::Duration;

use mongodb::error::{Error, ErrorKind, WriteFailure};

use crate::domain::error::{DomainError, Result};

/// Longer than a primary is looked for. A failover with ordinary settings may take longer, and whoever waits is better
/// told to ask again; with the way to the client it is to be eight seconds at most.
const PATIENCE: Duration = Duration::from_secs(7);

/// A unique index refused the write (E11000).
const DUPLICATE_KEY: i32 = 11000;

/// Codes of the server that pass by themselves: interrupted, no primary, shutting down, time-outs, no majority.
/// See `src/mongo/base/error_codes.yml` of the server.
const PASSING: &[i32] = &[
    6, 7, 46, 50, 63, 64, 89, 91, 100, 112, 133, 189, 202, 246, 251, 262, 317, 10_058, 10_107, 11_600,
    11_602, 13_388, 13_435, 13_436, 14_031, 9_001,
];

/// Waits for an operation, but not for ever: a partition can leave a connection open on which nothing comes any more.
/// A write that was given up may have been done all the same.
pub(super) async fn timely<T>(operation: impl IntoFuture<Output = Result<T, Error>>) -> Result<T, Failure> {
    within(async { operation.into_future().await.map_err(Failure::Driver) }).await
}

/// The same for several operations in a row.
pub(super) async fn within<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::TooLate),
    }
}

/// Why an operation on the database did not do what it was to do.
#[derive(Debug)]
pub(super) enum Failure {
    Driver(Error),
    /// It was given up. Whether it was done is not known.
    TooLate,
    /// The domain refuses.
    Refused(DomainError),
}

impl Failure {
    fn driver(&self) -> Option<&Error> {
        match self {
            Self::Driver(error) => Some(error),
            Self::TooLate | Self::Refused(_) => None,
        }
    }

    /// Whether a unique index refused it; with `index`, whether it was this one.
    pub(super) fn is_duplicate(&self, index: Option<&str>) -> bool {
        let Some(error) = self.driver() else { return false };
        code(error) == Some(DUPLICATE_KEY)
            && index.is_none_or(|index| message(error).is_some_and(|text| names_index(text, index)))
    }

    /// Whether a unique index on one of these fields alone refused it, whatever the index is called.
    pub(super) fn is_duplicate_of(&self, fields: &[&str]) -> bool {
        let key = self.driver().and_then(message).and_then(duplicate_key);
        self.is_duplicate(None) && key.is_some_and(|key| fields.contains(&key))
    }

    pub(super) fn has_label(&self, label: &str) -> bool {
        self.driver().is_some_and(|error| error.contains_label(label))
    }

    /// The server's code, when the server itself answered.
    pub(super) fn code(&self) -> Option<i32> {
        self.driver().and_then(code)
    }
}

/// Whether a refusal with this code and these words is that of this unique index.
pub(super) fn refuses(code: i32, message: &str, index: &str) -> bool {
    code == DUPLICATE_KEY && names_index(message, index)
}

/// The server writes `… index: NAME dup key: …`.
fn names_index(message: &str, index: &str) -> bool {
    message.split_once("index: ").is_some_and(|(_, rest)| rest.split(' ').next() == Some(index))
}

/// The server writes `… dup key: { FIELD: VALUE }`, and the collation between the two where there is one.
fn duplicate_key(message: &str) -> Option<&str> {
    message.split_once("dup key: { ")?.1.split_once(": ").map(|(field, _)| field)
}

fn code(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => Some(error.code),
        ErrorKind::InsertMany(error) => match (&error.write_errors, &error.write_concern_error) {
            (Some(errors), _) if !errors.is_empty() => errors.first().map(|error| error.code),
            (_, Some(error)) => Some(error.code),
            _ => None,
        },
        _ => None,
    }
}

fn message(error: &Error) -> Option<&str> {
    match error.kind.as_ref() {
        ErrorKind::Command(error) => Some(&error.message),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(&error.message),
        ErrorKind::InsertMany(error) => Some(&error.write_errors.as_ref()?.first()?.message),
        _ => None,
    }
}

/// Whether what the server refuses with this code may succeed later.
pub(super) fn may_pass(code: i32) -> bool {
    PASSING.contains(&code)
}

pub(super) fn passes(error: &Error) -> bool {
    match error.kind.as_ref() {
        ErrorKind::Io(_)
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::DnsResolve { .. }
        // After the connections were closed.
        | ErrorKind::Shutdown => true,
        _ => {
            code(error).is_some_and(may_pass)
                || error.contains_label(mongodb::error::RETRYABLE_WRITE_ERROR)
                || error.contains_label(mongodb::error::TRANSIENT_TRANSACTION_ERROR)
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Driver(error) => f.write_str(&super::connect::reason(error)),
            Self::TooLate => f.write_str("it did not answer in time"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl From<DomainError> for Failure {
    fn from(error: DomainError) -> Self {
        Self::Refused(error)
    }
}

impl From<mongodb::bson::error::Error> for Failure {
    fn from(error: mongodb::bson::error::Error) -> Self {
        Self::Refused(DomainError::internal(error))
    }
}

impl From<Failure> for DomainError {
    /// What a network or another server causes may pass; everything else is a fault of ours.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::TooLate => Self::unavailable("the database did not answer in time"),
            Failure::Driver(error) if passes(&error) => Self::unavailable(error),
            Failure::Driver(error) => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{duplicate_key, names_index};

    #[test]
    fn the_index_is_read_from_the_servers_words() {
        let message =
            "E11000 duplicate key error collection: chat.messages index: messages_by_seq dup key: { seq: 1 }";
        assert!(names_index(message, "messages_by_seq"));
        assert!(!names_index(message, "messages_by"));
        assert!(!names_index("something else", "messages_by_seq"));
        assert_eq!(duplicate_key(message), Some("seq"));
        assert_eq!(duplicate_key("something else"), None);
    }
}
