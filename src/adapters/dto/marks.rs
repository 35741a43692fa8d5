//! What people mark for themselves.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::domain::entities::marks;

/// What somebody marked for themselves; nobody else sees it. Ids in ascending order.
#[derive(Debug, Clone, Serialize, TS, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Marks {
    /// Conversations that stay at the top; at most 100.
    pub pinned: Vec<String>,
    /// Conversations that count as unread though they were read.
    pub unread: Vec<String>,
    /// Conversations that one does not want to hear of.
    pub muted: Vec<String>,
    /// People that one does not want to hear from; at most 1,000.
    pub blocked: Vec<String>,
}

impl From<&marks::Marks> for Marks {
    fn from(marks: &marks::Marks) -> Self {
        let texts = |ids: &[_]| ids.iter().map(ToString::to_string).collect();
        Self {
            pinned: texts(&marks.pinned),
            unread: texts(&marks.unread),
            muted: texts(&marks.muted),
            blocked: marks.blocked.iter().map(ToString::to_string).collect(),
        }
    }
}

#[derive(Debug, Serialize, TS, ToSchema)]
pub struct MarksResponse {
    pub marks: Marks,
}

/// `marks:changed`
#[derive(Debug, Serialize, TS)]
pub struct MarksChanged {
    pub marks: Marks,
}

/// The body of `PATCH …/{id}/me`; what is not sent stays.
#[derive(Debug, Deserialize, TS, ToSchema)]
pub struct SetMarks {
    #[serde(default)]
    #[ts(optional = nullable)]
    pub muted: Option<bool>,
    #[serde(default)]
    #[ts(optional = nullable)]
    pub pinned: Option<bool>,
    /// `true` marks it as unread, though it was read; reading it takes that away.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub unread: Option<bool>,
}
