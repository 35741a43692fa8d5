//! Domain values as MongoDB keeps them: ids as BSON UUIDs, times as BSON dates, the rest as text. What does not parse on
//! the way back is an error, never a value that cannot be.

use mongodb::bson::{self, Bson, Document, Uuid as BsonUuid};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::domain::{
    entities::{
        ids::{AttachmentId, ConversationId, InviteId, MessageId, NodeId, ReportId, SessionId, UserId},
        timestamp::Timestamp,
    },
    error::{DomainError, FieldError, Result},
};

/// An identifier as a BSON value.
pub(super) fn uuid(id: Uuid) -> Bson {
    Bson::from(BsonUuid::from_bytes(id.into_bytes()))
}

/// An id that MongoDB keeps as a UUID.
pub(super) trait Id: Copy + Sized {
    fn bson(self) -> Bson;
    fn from_bson(value: &Bson) -> Result<Self>;
    fn stored(self) -> BsonUuid;
    fn from_stored(id: BsonUuid) -> Self;
}

macro_rules! id {
    ($($name:ty),*) => {$(
        impl Id for $name {
            fn bson(self) -> Bson {
                uuid(self.as_uuid())
            }

            fn from_bson(value: &Bson) -> Result<Self> {
                stored_uuid(value).map(Self::from_uuid)
            }

            fn stored(self) -> BsonUuid {
                BsonUuid::from_bytes(self.as_uuid().into_bytes())
            }

            fn from_stored(id: BsonUuid) -> Self {
                Self::from_uuid(Uuid::from_bytes(id.bytes()))
            }
        }
    )*};
}

id!(UserId, ConversationId, MessageId, SessionId, NodeId, AttachmentId, InviteId, ReportId);

fn stored_uuid(value: &Bson) -> Result<Uuid> {
    match value {
        Bson::Binary(binary) => binary
            .to_uuid()
            .map(|id| Uuid::from_bytes(id.bytes()))
            .map_err(|error| broken(format!("an id: {error}"))),
        other => Err(broken(format!("an id of type {:?}", other.element_type()))),
    }
}

/// An id in a document that serde reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key<T>(pub T);

impl<T: Id> Serialize for Key<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.stored().serialize(serializer)
    }
}

impl<'de, T: Id> Deserialize<'de> for Key<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BsonUuid::deserialize(deserializer).map(|id| Self(T::from_stored(id)))
    }
}

/// A time in a document that serde reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        bson::DateTime::from_millis(self.0.as_millis()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let at = bson::DateTime::deserialize(deserializer)?;
        Ok(Self(Timestamp::from_millis(at.timestamp_millis())))
    }
}

pub(super) fn time(at: Timestamp) -> Bson {
    Bson::DateTime(bson::DateTime::from_millis(at.as_millis()))
}

/// Counters stay far below the limit of BSON's integers; one that does not is pinned there.
pub(super) fn int(number: u64) -> Bson {
    Bson::Int64(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The fault is in what is stored: the log tells where.
pub(super) fn broken(what: impl std::fmt::Display) -> DomainError {
    DomainError::internal(format!("the database holds what it cannot: {what}"))
}

/// For values that the domain's own types refuse.
pub(super) fn refused(error: FieldError) -> DomainError {
    broken(format!("{} {}", error.field, error.reason))
}

/// Reads fields of a document that must be there, and says which one was wrong.
pub(super) trait Fields {
    fn id<T: Id>(&self, field: &str) -> Result<T>;
    fn maybe_id<T: Id>(&self, field: &str) -> Result<Option<T>>;
    fn text(&self, field: &str) -> Result<&str>;
    fn maybe_text(&self, field: &str) -> Result<Option<&str>>;
    fn at(&self, field: &str) -> Result<Timestamp>;
    fn maybe_at(&self, field: &str) -> Result<Option<Timestamp>>;
    /// A counter; integers of either width.
    fn number(&self, field: &str) -> Result<u64>;
    /// False when it is not there.
    fn flag(&self, field: &str) -> bool;
    fn nested(&self, field: &str) -> Result<&Document>;
}

fn present<'a>(document: &'a Document, field: &str) -> Option<&'a Bson> {
    document.get(field).filter(|value| !matches!(value, Bson::Null))
}

fn missing(field: &str) -> DomainError {
    broken(format!("a document without {field}"))
}

fn odd(field: &str, value: &Bson) -> DomainError {
    broken(format!("{field} of type {:?}", value.element_type()))
}

/// A counter; integers of either width.
pub(super) fn counter(field: &str, value: &Bson) -> Result<u64> {
    let number = match value {
        Bson::Int64(number) => *number,
        Bson::Int32(number) => i64::from(*number),
        other => return Err(odd(field, other)),
    };
    u64::try_from(number).map_err(|_| broken(format!("{field} {number}")))
}

impl Fields for Document {
    fn id<T: Id>(&self, field: &str) -> Result<T> {
        self.maybe_id(field)?.ok_or_else(|| missing(field))
    }

    fn maybe_id<T: Id>(&self, field: &str) -> Result<Option<T>> {
        present(self, field).map(T::from_bson).transpose()
    }

    fn text(&self, field: &str) -> Result<&str> {
        self.maybe_text(field)?.ok_or_else(|| missing(field))
    }

    fn maybe_text(&self, field: &str) -> Result<Option<&str>> {
        match present(self, field) {
            None => Ok(None),
            Some(Bson::String(text)) => Ok(Some(text)),
            Some(other) => Err(odd(field, other)),
        }
    }

    fn at(&self, field: &str) -> Result<Timestamp> {
        self.maybe_at(field)?.ok_or_else(|| missing(field))
    }

    fn maybe_at(&self, field: &str) -> Result<Option<Timestamp>> {
        match present(self, field) {
            None => Ok(None),
            Some(Bson::DateTime(at)) => Ok(Some(Timestamp::from_millis(at.timestamp_millis()))),
            Some(other) => Err(odd(field, other)),
        }
    }

    fn number(&self, field: &str) -> Result<u64> {
        counter(field, present(self, field).ok_or_else(|| missing(field))?)
    }

    fn flag(&self, field: &str) -> bool {
        self.get_bool(field).unwrap_or(false)
    }

    fn nested(&self, field: &str) -> Result<&Document> {
        match present(self, field) {
            None => Err(missing(field)),
            Some(Bson::Document(document)) => Ok(document),
            Some(other) => Err(odd(field, other)),
        }
    }
}
