//! Who writes to a conversation in this process: one at a time, each knowing where the last one ended, so that no write
//! has to ask for it. Writes of other nodes are refused by the unique indexes; no lane is needed for that.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::OwnedMutexGuard;

use crate::domain::entities::ids::ConversationId;

/// How many lanes are kept that nobody is in.
const KEPT: usize = 50_000;

/// The newest `seq` and `rev` of a conversation, durable on a majority. The truth may be ahead of it, never behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub seq: u64,
    pub rev: u64,
}

#[derive(Default)]
pub(super) struct Lanes {
    lanes: Mutex<HashMap<ConversationId, Arc<Lane>>>,
}

#[derive(Default)]
struct Lane {
    turn: Arc<tokio::sync::Mutex<()>>,
    head: Mutex<Option<Head>>,
    /// Since the lanes were last tidied up.
    used: AtomicBool,
}

/// The right to write, until it is dropped.
pub(super) struct Turn {
    pub id: ConversationId,
    lane: Arc<Lane>,
    _guard: OwnedMutexGuard<()>,
}

impl Lanes {
    /// Waits for its turn, in the order of the calls.
    pub async fn enter(&self, id: ConversationId) -> Turn {
        let lane = self.lane(id);
        let guard = Arc::clone(&lane.turn).lock_owned().await;
        Turn { id, lane, _guard: guard }
    }

    /// The turn, when nobody else has it.
    pub fn try_enter(&self, id: ConversationId) -> Option<Turn> {
        let lane = self.lane(id);
        let guard = Arc::clone(&lane.turn).try_lock_owned().ok()?;
        Some(Turn { id, lane, _guard: guard })
    }

    /// Some node wrote: whoever writes here next need not run into it.
    pub fn heard(&self, id: ConversationId, seq: u64, rev: u64) {
        let lane = self.lanes.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(lane) = lane {
            let mut head = lane.head.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(head) = head.as_mut() {
                *head = Head { seq: head.seq.max(seq), rev: head.rev.max(rev) };
            }
        }
    }

    fn lane(&self, id: ConversationId) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= 2 * KEPT && !lanes.contains_key(&id) {
            // Who is in a lane holds it too; two lanes of one conversation must not be.
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1 || lane.used.swap(false, Ordering::Relaxed));
            if lanes.len() >= 2 * KEPT {
                lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
            }
        }
        let lane = lanes.entry(id).or_default();
        lane.used.store(true, Ordering::Relaxed);
        Arc::clone(lane)
    }
}

impl Turn {
    /// Where the last one ended, when that is known.
    pub fn head(&self) -> Option<Head> {
        *self.lane.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was written is durable. Others may have been heard to be further.
    pub fn ends_at(&self, new: Head) {
        let mut head = self.lane.head.lock().unwrap_or_else(PoisonError::into_inner);
        let known = head.unwrap_or(new);
        *head = Some(Head { seq: known.seq.max(new.seq), rev: known.rev.max(new.rev) });
    }

    /// It is not known what was written.
    pub fn forget(&self) {
        *self.lane.head.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_heads_only_rise() {
        let (lanes, id) = (Lanes::default(), ConversationId::from_uuid(Uuid::nil()));
        let turn = lanes.enter(id).await;
        assert_eq!(turn.head(), None);
        lanes.heard(id, 3, 3);
        assert_eq!(turn.head(), None, "what is heard is not all there is");
        turn.ends_at(Head { seq: 1, rev: 2 });
        lanes.heard(id, 3, 5);
        lanes.heard(id, 2, 4);
        turn.ends_at(Head { seq: 2, rev: 3 });
        assert_eq!(turn.head(), Some(Head { seq: 3, rev: 5 }));
        assert!(lanes.try_enter(id).is_none());
        drop(turn);
        let turn = lanes.try_enter(id).unwrap();
        assert_eq!(turn.head(), Some(Head { seq: 3, rev: 5 }));
        turn.forget();
        assert_eq!(turn.head(), None);
    }
}
