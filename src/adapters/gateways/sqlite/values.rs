//! Domain values as SQLite keeps them: ids as 16-byte blobs, times as milliseconds, the rest as text. What does not
//! parse on the way back is a conversion error, never a value that cannot be.

use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use uuid::Uuid;

use crate::adapters::dto::archive::files;
use crate::domain::{
    entities::{
        attachment::Attachment,
        conversation::{ConversationKind, Role, Title},
        ids::{AttachmentId, ClientId, ConversationId, InviteId, MessageId, ReportId, SessionId, UserId},
        message::{Body, Emoji},
        report::{Outcome, Reason},
        session::SessionKey,
        timestamp::Timestamp,
        user::{DisplayName, Locale, PasswordHash, Username},
    },
    error::{DomainError, FieldError},
};

macro_rules! blob_id {
    ($($name:ty),*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                <[u8; 16]>::column_result(value).map(|bytes| Self::from_uuid(Uuid::from_bytes(bytes)))
            }
        }
    )*};
}

blob_id!(UserId, ConversationId, MessageId, SessionId, AttachmentId, InviteId, ReportId);

impl ToSql for SessionKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}

impl FromSql for SessionKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 16]>::column_result(value).map(Self::from_bytes)
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_millis()))
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

macro_rules! text {
    ($($name:ty: $parse:expr),* $(,)?) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.as_str()))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let parse: fn(&str) -> FromSqlResult<Self> = $parse;
                parse(value.as_str()?)
            }
        }
    )*};
}

text!(
    Username: |text| Username::parse(text).map_err(refused),
    DisplayName: |text| DisplayName::parse(text).map_err(refused),
    Locale: |text| Locale::parse(text).map_err(refused),
    PasswordHash: |text| Ok(PasswordHash::new(text)),
    Title: |text| Title::parse(text).map_err(refused),
    Body: |text| Body::caption(text).map_err(refused),
    Emoji: |text| Emoji::parse(text).map_err(refused),
    ClientId: |text| ClientId::parse(text).map_err(|error| FromSqlError::Other(Box::new(error))),
    Reason: |text| Reason::parse(text).map_err(refused),
    Outcome: |text| Outcome::from_name(text).ok_or_else(|| FromSqlError::Other("unknown outcome".into())),
    Role: |text| Role::parse(text).ok_or_else(|| FromSqlError::Other("unknown role".into())),
    ConversationKind: |text| ConversationKind::parse(text).ok_or_else(|| FromSqlError::Other("unknown kind".into())),
);

fn refused(error: FieldError) -> FromSqlError {
    FromSqlError::Other(format!("stored {} {}", error.field, error.reason).into())
}

/// The files of a message.
pub(super) struct Files(pub Vec<Attachment>);

impl FromSql for Files {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str_or_null()? {
            Some(text) => files::from_json(text).map(Self).map_err(refused),
            None => Ok(Self(Vec::new())),
        }
    }
}

/// Counters stay far below the limit of SQLite's integers; one that does not is pinned there.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A counter as it is read back.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

impl From<rusqlite::Error> for DomainError {
    /// What a disk or another process causes may pass; everything else is a fault of ours.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, ReadOnly, SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(
                CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | OutOfMemory | ReadOnly
                | SystemIoFailure,
            ) => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}
