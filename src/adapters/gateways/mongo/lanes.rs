//! Who writes to a conversation in this process: one at a time, each knowing where the last one ended, so that no write
//! has to ask for it. Writes of other nodes are refused by the unique indexes; no lane is needed for that.
//!
//! So it is known who may send, too: whoever is taken out takes a `rev`, and a write that does not know of it is refused. What
//! is remembered of members is worth as much as the head beside which it is kept, and is forgotten when the head steps
//! over a change of the conversation itself.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::OwnedMutexGuard;

use crate::domain::entities::ids::{ConversationId, UserId};

/// How many lanes are kept that nobody is in.
const KEPT: usize = 50_000;

/// How many senders are remembered for a conversation.
const SENDERS: usize = 256;

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
    known: Mutex<Known>,
    /// Since the lanes were last tidied up.
    used: AtomicBool,
}

#[derive(Default)]
struct Known {
    head: Option<Head>,
    /// Who could send when everything up to the head had happened.
    senders: HashSet<UserId>,
    /// Counts changes of the conversation itself.
    changes: u64,
}

/// What was known at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glimpse {
    pub head: Option<Head>,
    /// Who may send, among those who were asked about.
    pub senders: HashSet<UserId>,
    changes: u64,
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

    /// Some node wrote a message: whoever writes here next need not run into it.
    pub fn heard(&self, id: ConversationId, seq: u64, rev: u64) {
        if let Some(lane) = self.existing(id) {
            lane.known().rise(Head { seq, rev });
        }
    }

    /// Some node changed the conversation itself.
    pub fn heard_change(&self, id: ConversationId, rev: u64) {
        if let Some(lane) = self.existing(id) {
            let mut known = lane.known();
            known.changed();
            known.rise(Head { seq: 0, rev });
        }
    }

    /// Something was not heard. The heads may be behind for it; what is remembered of members may be wrong.
    pub fn missed(&self) {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.values().for_each(|lane| lane.known().changed());
    }

    fn existing(&self, id: ConversationId) -> Option<Arc<Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
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

impl Lane {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Where it is not known where the conversation stands, what is heard is not all there is.
    fn rise(&mut self, to: Head) {
        if let Some(head) = &mut self.head {
            *head = Head { seq: head.seq.max(to.seq), rev: head.rev.max(to.rev) };
        }
    }

    fn changed(&mut self) {
        self.changes += 1;
        self.senders = HashSet::new();
    }
}

impl Turn {
    /// Where the last one ended, when that is known.
    pub fn head(&self) -> Option<Head> {
        self.lane.known().head
    }

    /// The same, and who of these may send.
    pub fn glimpse(&self, users: impl IntoIterator<Item = UserId>) -> Glimpse {
        let known = self.lane.known();
        let senders = users.into_iter().filter(|user| known.senders.contains(user)).collect();
        Glimpse { head: known.head, senders, changes: known.changes }
    }

    /// These may send, as was found out after the glimpse, unless the conversation was changed since then.
    pub fn admits(&self, glimpse: &Glimpse, users: impl IntoIterator<Item = UserId>) {
        let mut known = self.lane.known();
        if known.changes == glimpse.changes {
            known.senders.extend(users);
            if known.senders.len() > SENDERS {
                known.senders = HashSet::new();
            }
        }
    }

    /// What was written is durable. Others may have been heard to be further.
    pub fn ends_at(&self, new: Head) {
        let mut known = self.lane.known();
        match known.head {
            Some(_) => known.rise(new),
            None => known.head = Some(new),
        }
    }

    /// The same, of a change of the conversation itself.
    pub fn changed_at(&self, new: Head) {
        self.lane.known().changed();
        self.ends_at(new);
    }

    /// It is not known what was written.
    pub fn forget(&self) {
        let mut known = self.lane.known();
        known.changed();
        known.head = None;
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

    #[tokio::test]
    async fn who_may_send_is_known_until_the_conversation_is_changed() {
        let (lanes, id) = (Lanes::default(), ConversationId::from_uuid(Uuid::nil()));
        let [ana, bia] = [1, 2].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
        let turn = lanes.enter(id).await;
        turn.ends_at(Head { seq: 1, rev: 1 });
        let senders = |turn: &Turn| turn.glimpse([ana, bia]).senders;
        let glimpse = turn.glimpse([ana]);
        assert!(glimpse.senders.is_empty());
        turn.admits(&glimpse, [ana]);
        lanes.heard(id, 2, 2);
        assert_eq!(senders(&turn), HashSet::from([ana]), "a message changes nothing of that");
        let before = turn.glimpse([bia]);
        lanes.heard_change(id, 3);
        assert_eq!(turn.head(), Some(Head { seq: 2, rev: 3 }));
        turn.admits(&before, [bia]);
        assert!(senders(&turn).is_empty(), "what was found out before the change is worth nothing");
        let forgets: [&dyn Fn(); 3] =
            [&|| turn.forget(), &|| turn.changed_at(Head { seq: 2, rev: 4 }), &|| lanes.missed()];
        for forget in forgets {
            turn.admits(&turn.glimpse([]), [ana, bia]);
            assert_eq!(senders(&turn).len(), 2);
            forget();
            assert!(senders(&turn).is_empty());
        }
        let many = (0..=SENDERS as u128).map(|number| UserId::from_uuid(Uuid::from_u128(number)));
        turn.admits(&turn.glimpse([]), many);
        assert!(senders(&turn).is_empty(), "there is a limit");
    }
}
