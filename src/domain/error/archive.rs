//! What can go wrong when data is moved: one sentence each, for the person at the command line.

use std::fmt;

use thiserror::Error;

use super::{DomainError, FieldError};
use crate::domain::entities::{
    archive::{Key, Kind},
    ids::ConversationId,
};

#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error(
        "this is not a ChatConnect archive: its first line must be {{\"format\":\"chatconnect-archive\",…}}"
    )]
    NotAnArchive,
    #[error(
        "the archive has version {0}, and this program reads version {1}: use the program that wrote it, or a newer one"
    )]
    Version(u64, u32),
    #[error("line {line} of the archive is broken: {fields}")]
    Broken { line: u64, fields: Fields },
    #[error("the archive ends after line {0} without its last line, so it was cut off: get the whole file")]
    Cut(u64),
    #[error("the archive is damaged: its last line counts {stated} records of the kind {kind}, and there are {found}", kind = .kind.as_str())]
    Counts { kind: Kind, stated: u64, found: u64 },
    #[error("the archive is damaged: its records do not have the checksum that its last line states")]
    Checksum,
    #[error(
        "the archive is wrong: the messages of the conversation {0} do not have the seq 1, 2, 3 … without a hole"
    )]
    Hole(ConversationId),
    #[error("the target is not empty: choose an empty database")]
    NotEmpty,
    #[error("the target holds an unfinished import from {0}: go on with that one, or empty the target")]
    BegunByAnother(String),
    #[error(
        "the target does not hold what the source holds ({0} differs): if the source was changed since this was begun, empty the target and begin again"
    )]
    Differs(Key),
    #[error("the target holds {found} records of the kind {kind} instead of {expected}: empty it and begin again", kind = .kind.as_str())]
    Missing { kind: Kind, expected: u64, found: u64 },
    #[error("the archive cannot be read: {0}")]
    Reading(std::io::Error),
    #[error("the archive cannot be written: {0}")]
    Writing(std::io::Error),
    #[error("{}", Told(.0))]
    Database(#[from] DomainError),
}

/// Refused fields, told one after the other.
#[derive(Debug)]
pub struct Fields(pub Vec<FieldError>);

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, field) in self.0.iter().enumerate() {
            write!(f, "{}{} {}", if place > 0 { "; " } else { "" }, field.field, field.reason)?;
        }
        Ok(())
    }
}

impl ArchiveError {
    /// A line that cannot be read, because of one field.
    pub fn broken(line: u64, field: FieldError) -> Self {
        Self::Broken { line, fields: Fields(vec![field]) }
    }
}

/// An error of the database with its cause: whoever moves data is the one who must see it.
struct Told<'e>(&'e DomainError);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.cause(), self.0.fields()) {
            (Some(cause), _) => write!(f, "the database failed: {cause}"),
            (None, []) => self.0.fmt(f),
            (None, fields) => Fields(fields.to_vec()).fmt(f),
        }
    }
}
