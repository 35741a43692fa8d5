//! The integer keys of messages.
//!
//! The upper 48 bits of a message's id (a UUID version 7, RFC 9562) are the millisecond of its creation. The key is
//! this millisecond followed by 15 bits that count the messages of one millisecond. So keys sort like ids, down to the
//! millisecond; the full-text index, which is fast in the order of its integer keys only, answers the newest first; and
//! an id is found by its key, without an index of its own.

use rusqlite::{Connection, OptionalExtension};

use crate::domain::{
    entities::ids::MessageId,
    error::{DomainError, Result},
};

const COUNTER_BITS: u32 = 15;

/// The keys that messages of the same millisecond have: the first and the last one.
pub(super) fn group(id: MessageId) -> (i64, i64) {
    let millis = id.as_uuid().as_u128() >> 80;
    // 48 bits and 15 make 63: never negative.
    let first = i64::try_from(millis << COUNTER_BITS).unwrap_or(i64::MAX);
    (first, first | ((1 << COUNTER_BITS) - 1))
}

/// Whether two keys are of the same millisecond.
pub(super) const fn same_group(one: i64, other: i64) -> bool {
    one >> COUNTER_BITS == other >> COUNTER_BITS
}

/// The key of a new message.
///
/// # Errors
/// `Unavailable` when 32,768 messages have the same millisecond.
pub(super) fn next(conn: &Connection, id: MessageId) -> Result<i64> {
    let (first, last) = group(id);
    let used: Option<i64> = conn
        .prepare_cached("SELECT pk FROM messages WHERE pk BETWEEN ? AND ? ORDER BY pk DESC LIMIT 1")?
        .query_row((first, last), |row| row.get(0))
        .optional()?;
    match used {
        None => Ok(first),
        Some(used) if used < last => Ok(used + 1),
        Some(_) => Err(DomainError::unavailable("too many messages in one millisecond")),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_id_has_a_group_and_groups_sort_like_ids() {
        let ids = ["00000000-0000", "0198f2a1-77aa", "0198f2a1-77ab", "ffffffff-ffff"];
        let groups: Vec<_> = ids
            .iter()
            .map(|id| {
                group(MessageId::from_uuid(Uuid::try_parse(&format!("{id}-7abc-8def-0123456789ab")).unwrap()))
            })
            .collect();
        assert!(groups.windows(2).all(|pair| pair[0].1 < pair[1].0), "{groups:?}");
        assert_eq!((groups[0].0, groups[3].1), (0, i64::MAX));
    }
}
