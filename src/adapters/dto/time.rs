//! Times on the wire: RFC 3339 in UTC with milliseconds.

use serde::Serialize;
use time::{OffsetDateTime, macros::format_description};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::domain::entities::timestamp::Timestamp;

/// A time such as `2026-11-23T01:02:03.456Z` (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(type = "string")]
#[schema(value_type = String, format = DateTime)]
pub struct Time(String);

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        let format =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(timestamp.as_millis()) * 1_000_000)
            .ok()
            .and_then(|time| time.format(format).ok())
            // Only a time outside the years ±9999 gets here, and the clock never gives one.
            .unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned());
        Self(text)
    }
}
