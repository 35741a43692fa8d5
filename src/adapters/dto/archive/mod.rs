//! The lines of an archive: one JSON object each (docs/ARCHIVE.md). What [`line`] writes is the canonical form that
//! checksums are made of.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    decode::{self, DecodeError},
    time::Time,
};
use crate::domain::{
    entities::{
        archive::{Checksum, Counts, Record, Summary},
        timestamp::Timestamp,
    },
    error::{FieldError, archive::ArchiveError},
};

pub mod files;
mod records;

/// What the first line calls itself.
pub const FORMAT: &str = "chatconnect-archive";

/// The version that this program writes, and the only one that it reads.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    format: String,
    version: u64,
    created_at: Option<Time>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct End {
    r#type: EndType,
    counts: EndCounts,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum EndType {
    End,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EndCounts {
    users: u64,
    /// Left out where there are none, as it was before there could be any.
    #[serde(default, skip_serializing_if = "is_none")]
    gone: u64,
    sessions: u64,
    conversations: u64,
    members: u64,
    messages: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    settings: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    blocks: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What a line after the first one says.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    Record(Box<Record>),
    End(Summary),
}

/// The first line, without its end.
pub fn header(created_at: Timestamp) -> String {
    let header =
        Header { format: FORMAT.to_owned(), version: VERSION.into(), created_at: Some(created_at.into()) };
    records::json(&header)
}

/// When the archive was written.
///
/// # Errors
/// `NotAnArchive`; `Version`; `Broken`.
pub fn parse_header(line: &[u8]) -> Result<Time, ArchiveError> {
    let header: Header = serde_json::from_slice(line).map_err(|_| ArchiveError::NotAnArchive)?;
    if header.format != FORMAT {
        return Err(ArchiveError::NotAnArchive);
    }
    if header.version != u64::from(VERSION) {
        return Err(ArchiveError::Version(header.version, VERSION));
    }
    let time = header.created_at.filter(|time| time.timestamp().is_some());
    time.ok_or_else(|| ArchiveError::broken(1, FieldError::new("createdAt", records::NO_TIME)))
}

/// A record's line, without its end.
pub fn line(record: &Record) -> String {
    records::line(record)
}

/// The last line, without its end.
pub fn end(summary: &Summary) -> String {
    let Counts { users, gone, sessions, conversations, members, messages, settings, blocks } = summary.counts;
    records::json(&End {
        r#type: EndType::End,
        counts: EndCounts { users, gone, sessions, conversations, members, messages, settings, blocks },
        sha256: summary.checksum.to_string(),
    })
}

#[derive(Deserialize)]
struct Typed {
    r#type: String,
}

/// # Errors
/// The fields that are wrong.
pub fn parse(line: &[u8]) -> Result<Line, Vec<FieldError>> {
    let Typed { r#type } = object(line)?;
    if r#type == "end" {
        let End { counts, sha256, .. } = object(line)?;
        let checksum: Result<Checksum, _> = sha256.parse();
        let checksum =
            checksum.map_err(|_| vec![FieldError::new("sha256", "must be 64 hexadecimal digits")])?;
        let EndCounts { users, gone, sessions, conversations, members, messages, settings, blocks } = counts;
        let counts = Counts { users, gone, sessions, conversations, members, messages, settings, blocks };
        return Ok(Line::End(Summary { counts, checksum }));
    }
    records::parse(&r#type, line).map(|record| Line::Record(Box::new(record)))
}

/// Reads an object of this shape.
fn object<T: DeserializeOwned>(line: &[u8]) -> Result<T, Vec<FieldError>> {
    decode::json(line).map_err(|error| match error {
        DecodeError::Syntax => vec![FieldError::new("the line", "is not a JSON object")],
        DecodeError::Shape(fields) => fields,
    })
}

#[cfg(test)]
mod tests;
