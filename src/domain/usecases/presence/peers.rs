//! What the other nodes said: who is connected to them.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use crate::domain::entities::{
    ids::{NodeId, UserId},
    signal::{Frame, Signal},
    timestamp::Timestamp,
};

#[derive(Default)]
pub(super) struct Peers {
    nodes: HashMap<NodeId, Peer>,
    /// Frames that never came.
    lost: u64,
}

struct Peer {
    /// The number of its newest frame.
    number: u64,
    heard_at: Timestamp,
    people: HashSet<UserId>,
    /// Whether `people` is all that it said.
    complete: bool,
    /// A snapshot of which the first parts came.
    arriving: Option<Arriving>,
    /// It said good-bye.
    left: bool,
    /// Looks at the registry since it was last heard.
    silence: u32,
    /// Ticks until it may be asked for a snapshot again.
    patience: u32,
}

struct Arriving {
    next: u32,
    people: HashSet<UserId>,
}

/// People whose state on one node changed.
#[derive(Debug, Default)]
pub(super) struct Moves {
    pub came: Vec<UserId>,
    pub went: Vec<(UserId, Timestamp)>,
}

/// Somebody else's node that is no more.
pub(super) struct Dead {
    pub node: NodeId,
    /// When it was last heard.
    pub at: Timestamp,
    pub people: HashSet<UserId>,
}

/// Ticks (of a second) that a node gets to send its snapshot.
const PATIENCE: u32 = 2;

/// Looks at the registry (one in two seconds) in which a node must not have been heard either before it counts as dead: its
/// people are where it is heard from, whatever the registry says.
const SILENCE: u32 = 4;

impl Peer {
    fn new(now: Timestamp) -> Self {
        Self {
            number: 0,
            heard_at: now,
            people: HashSet::new(),
            complete: false,
            arriving: None,
            left: false,
            silence: 0,
            patience: 0,
        }
    }

    /// Keeps account of the numbers. `None` when the frame is old; else how many never came.
    fn count(&mut self, number: u64, is_first: bool) -> Option<u64> {
        if self.left || number <= self.number {
            return None;
        }
        let missing = number - self.number - 1;
        // Nothing was said before the first frame.
        self.complete = if is_first { number == 1 } else { self.complete && missing == 0 };
        if missing > 0 {
            self.arriving = None;
        }
        self.number = number;
        Some(if is_first { 0 } else { missing })
    }

    /// Takes the next part of a snapshot; answers its people when it was the last one.
    fn part(&mut self, part: u32, parts: u32, people: Vec<UserId>) -> Option<HashSet<UserId>> {
        if self.complete {
            // It was for somebody else.
            return None;
        }
        if part == 0 {
            self.arriving = Some(Arriving { next: 0, people: HashSet::new() });
        }
        let arriving = self.arriving.as_mut().filter(|arriving| arriving.next == part)?;
        arriving.next += 1;
        arriving.people.extend(people);
        if arriving.next < parts {
            return None;
        }
        (self.complete, self.patience) = (true, 0);
        self.arriving.take().map(|arriving| arriving.people)
    }

    /// Whom it says to be connected is all of them.
    fn replace(&mut self, people: HashSet<UserId>, now: Timestamp) -> Moves {
        let before = std::mem::replace(&mut self.people, people);
        Moves {
            came: self.people.difference(&before).copied().collect(),
            went: before.difference(&self.people).map(|user| (*user, now)).collect(),
        }
    }

    /// Whether it is to be asked for a snapshot now.
    fn ask(&mut self) -> bool {
        let ask = !self.complete && !self.left && self.patience == 0;
        if ask {
            self.patience = PATIENCE;
        }
        ask
    }
}

impl Peers {
    /// Whether somebody is connected to another node.
    pub fn has(&self, user: UserId) -> bool {
        self.nodes.values().any(|peer| peer.people.contains(&user))
    }

    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Keeps account of a frame. `false` when it is to be forgotten.
    pub fn count(&mut self, frame: &Frame, now: Timestamp) -> bool {
        let (peer, is_first) = match self.nodes.entry(frame.node) {
            // One that is only known from the registry was not heard yet.
            Entry::Occupied(known) => {
                let is_first = known.get().number == 0;
                (known.into_mut(), is_first)
            }
            Entry::Vacant(unknown) => (unknown.insert(Peer::new(now)), true),
        };
        (peer.silence, peer.heard_at) = (0, now);
        match peer.count(frame.number, is_first) {
            Some(missing) => {
                self.lost += missing;
                true
            }
            None => false,
        }
    }

    /// What a counted signal changes.
    pub fn apply(&mut self, node: NodeId, signal: Signal, now: Timestamp) -> Moves {
        let Some(peer) = self.nodes.get_mut(&node) else { return Moves::default() };
        match signal {
            Signal::Presence { came, went } => Moves {
                came: came.into_iter().filter(|user| peer.people.insert(*user)).collect(),
                went: went.into_iter().filter(|(user, _)| peer.people.remove(user)).collect(),
            },
            Signal::Snapshot { part, parts, people } => match peer.part(part, parts, people) {
                Some(people) => peer.replace(people, now),
                None => Moves::default(),
            },
            Signal::Goodbye => {
                peer.left = true;
                peer.replace(HashSet::new(), now)
            }
            Signal::Typing { .. } | Signal::Hello { .. } | Signal::Here => Moves::default(),
        }
    }

    /// Whether this node is to be asked for a snapshot now.
    pub fn ask(&mut self, node: NodeId) -> bool {
        self.nodes.get_mut(&node).is_some_and(Peer::ask)
    }

    /// Once a second: those who are to be asked for a snapshot, once more.
    pub fn tick(&mut self) -> Vec<NodeId> {
        let ask = |(node, peer): (&NodeId, &mut Peer)| {
            peer.patience = peer.patience.saturating_sub(1);
            peer.ask().then_some(*node)
        };
        self.nodes.iter_mut().filter_map(ask).collect()
    }

    /// Everything that was heard so far may be wrong.
    pub fn doubt(&mut self) {
        for peer in self.nodes.values_mut() {
            (peer.complete, peer.patience) = (false, PATIENCE);
        }
    }

    /// Compares with the nodes that are alive, this one left out: gets to know new ones and forgets the dead.
    pub fn sweep(&mut self, alive: &[NodeId], now: Timestamp) -> Vec<Dead> {
        for node in alive {
            self.nodes.entry(*node).or_insert_with(|| Peer::new(now));
        }
        for peer in self.nodes.values_mut() {
            peer.silence = peer.silence.saturating_add(1);
        }
        let dead = |node: &NodeId, peer: &mut Peer| !alive.contains(node) && peer.silence >= SILENCE;
        let dead = self.nodes.extract_if(dead);
        dead.map(|(node, peer)| Dead { node, at: peer.heard_at, people: peer.people }).collect()
    }
}
