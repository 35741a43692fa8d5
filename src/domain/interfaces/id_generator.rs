//! New identifiers, injected so that tests decide them.

use uuid::Uuid;

pub trait IdGenerator: Send + Sync {
    /// A UUID version 7 (RFC 9562) that nobody else was given.
    fn next(&self) -> Uuid;

    /// A UUID version 4 (RFC 9562), which nobody guesses.
    fn secret(&self) -> Uuid;
}
