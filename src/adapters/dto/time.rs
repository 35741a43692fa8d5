//! Times on the wire: RFC 3339 in UTC with milliseconds.

use serde::{Deserialize, Serialize};
use time::{
    OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description,
};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::domain::entities::timestamp::Timestamp;

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

#[cfg(test)]
mod tests {
    use super::*;

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
