//! How a refusal looks on the wire.

use std::collections::BTreeMap;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::domain::error::DomainError;

/// The `error` of an ack. Its cause is in the server's log under `requestId`.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// Stable; what clients switch on.
    pub code: String,
    /// One sentence for people.
    pub title: String,
    /// Field name → reason, when the input was at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fields: Option<BTreeMap<String, String>>,
    /// Milliseconds after which the same may succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after_ms: Option<u64>,
    pub request_id: String,
}

impl ErrorBody {
    pub fn new(error: &DomainError, request_id: String) -> Self {
        Self {
            code: error.code().to_owned(),
            title: error.to_string(),
            fields: fields(error),
            retry_after_ms: retry_after_ms(error),
            request_id,
        }
    }
}

/// The body of an HTTP error (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema, TS)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always `about:blank`: `code` tells the problems apart.
    pub r#type: String,
    pub title: String,
    /// The HTTP status once more.
    pub status: u16,
    pub code: String,
    pub request_id: String,
    /// Field name → reason, when the input was at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fields: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    pub fn new(error: &DomainError, status: u16, request_id: String) -> Self {
        Self {
            r#type: "about:blank".to_owned(),
            title: error.to_string(),
            status,
            code: error.code().to_owned(),
            request_id,
            fields: fields(error),
            retry_after_ms: retry_after_ms(error),
        }
    }
}

fn fields(error: &DomainError) -> Option<BTreeMap<String, String>> {
    let fields = error.fields();
    (!fields.is_empty()).then(|| fields.iter().map(|e| (e.field.clone(), e.reason.clone())).collect())
}

fn retry_after_ms(error: &DomainError) -> Option<u64> {
    // Rounded up: zero would mean "at once".
    error.retry_after().map(|wait| u64::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u64::MAX).max(1))
}
