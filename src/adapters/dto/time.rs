//! Times on the wire: RFC 3339 in UTC with milliseconds.

use serde::{Deserialize, Serialize};
use time::{
    OffsetDateTime, PrimitiveDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::domain::{
    entities::timestamp::Timestamp,
    error::{DomainError, Result},
};

const FORMAT: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A time such as `2026-11-23T01:02:03.456Z` (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(type = "string")]
#[schema(value_type = String, format = DateTime)]
pub struct Time(String);

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(timestamp.as_millis()) * 1_000_000)
            .ok()
            .and_then(|time| time.format(FORMAT).ok())
            // Only a time outside the years ±9999 gets here, and the clock never gives one.
            .unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned());
        Self(text)
    }
}

impl Time {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `None` when it is not written exactly as `From` writes.
    pub fn timestamp(&self) -> Option<Timestamp> {
        let nanos = PrimitiveDateTime::parse(&self.0, FORMAT).ok()?.assume_utc().unix_timestamp_nanos();
        i64::try_from(nanos / 1_000_000).ok().map(Timestamp::from_millis)
    }
}

/// A time in any form of RFC 3339, with any offset; digits beyond the millisecond do not count.
///
/// # Errors
/// `Invalid` naming `field`.
pub fn parse(field: &str, text: &str) -> Result<Timestamp> {
    let nanos = OffsetDateTime::parse(text, &Rfc3339).map(OffsetDateTime::unix_timestamp_nanos);
    nanos
        .ok()
        .and_then(|nanos| i64::try_from(nanos.div_euclid(1_000_000)).ok())
        .map(Timestamp::from_millis)
        .ok_or_else(|| DomainError::invalid(field, "must be a time such as 2026-11-23T01:02:03Z (RFC 3339)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_form_of_rfc_3339_is_read() {
        for text in ["2025-11-23T01:02:03.456Z", "2025-11-22T22:02:03.4569-03:00", "2025-11-23t01:02:03.456z"]
        {
            assert_eq!(parse("since", text).ok(), Some(Timestamp::from_millis(1_763_859_723_456)), "{text}");
        }
        assert_eq!(parse("since", "1969-12-31T23:59:59.9999Z").ok(), Some(Timestamp::from_millis(-1)));
        for text in ["", "2026-11-23", "2026-11-23T01:02:03", "2026-02-30T01:02:03Z", "now", "1e9"] {
            assert!(parse("since", text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_read_as_they_were_written() {
        for millis in [0, 1, 1_763_859_723_456, 253_402_300_799_999, -1] {
            let timestamp = Timestamp::from_millis(millis);
            assert_eq!(Time::from(timestamp).timestamp(), Some(timestamp), "{millis}");
        }
        assert_eq!(
            Time::from(Timestamp::from_millis(1_763_859_723_456)).as_str(),
            "2025-11-23T01:02:03.456Z"
        );
        for text in ["", "2026-11-23", "2026-11-23T01:02:03Z", "2026-02-30T01:02:03.456Z", "now"] {
            assert_eq!(Time(text.to_owned()).timestamp(), None, "{text}");
        }
    }
}
