//! Who is there, as one node knows it: its own sockets exactly, and what the other nodes said.

use std::collections::{HashMap, HashSet};

use super::peers::{Dead, Moves, Peers};
use crate::domain::entities::{ids::UserId, presence::Presence, signal::Signal, timestamp::Timestamp};

#[derive(Default)]
pub(super) struct Roll {
    /// Connected sockets of everybody who is connected here.
    sockets: HashMap<UserId, u32>,
    pub peers: Peers,
    /// What was told last: in here, online.
    told_online: HashSet<UserId>,
    /// Whom somebody who asked saw online, perhaps before it was told.
    seen_online: HashSet<UserId>,
    /// Whose state may differ from what was told, and how many tellings it is to wait.
    changed: HashMap<UserId, u32>,
    /// The last that is known of people's leaving, here or elsewhere, until it is told.
    left: HashMap<UserId, Leave>,
    /// Who came or left here since the other nodes heard of it, and when.
    moved: HashMap<UserId, Timestamp>,
    /// Who is connected here, as the other nodes heard it.
    shared: HashSet<UserId>,
    answer: Answer,
}

#[derive(Debug, Clone, Copy)]
struct Leave {
    at: Timestamp,
    /// From this node, so that it is this one that remembers it for good.
    here: bool,
}

/// However many ask, one snapshot a tick answers them all.
#[derive(Default, Clone, Copy)]
enum Answer {
    #[default]
    Ready,
    Given,
    Owed,
}

/// Something to tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct News {
    pub presence: Presence,
    /// Whether this node is to remember when the person was last seen.
    pub ours: bool,
}

impl Roll {
    pub fn is_online(&self, user: UserId) -> bool {
        self.is_here(user) || self.peers.has(user)
    }

    pub fn is_here(&self, user: UserId) -> bool {
        self.sockets.contains_key(&user)
    }

    /// How many people are connected here.
    pub fn count(&self) -> usize {
        self.sockets.len()
    }

    /// Who is connected here and nowhere else.
    pub fn only_here(&self) -> Vec<UserId> {
        self.sockets.keys().copied().filter(|user| !self.peers.has(*user)).collect()
    }

    pub fn connected(&mut self, user: UserId, now: Timestamp) {
        *self.sockets.entry(user).or_default() += 1;
        self.changed.insert(user, 0);
        self.moved.insert(user, now);
    }

    pub fn disconnected(&mut self, user: UserId, now: Timestamp) {
        let Some(count) = self.sockets.get_mut(&user) else { return };
        *count -= 1;
        if *count == 0 {
            self.sockets.remove(&user);
            self.leave(user, Leave { at: now, here: true });
            self.moved.insert(user, now);
        }
        self.changed.insert(user, 0);
    }

    /// Whether the person is online; whoever asked hears of the end.
    pub fn look(&mut self, user: UserId) -> bool {
        let online = self.is_online(user);
        if online {
            self.seen_online.insert(user);
        }
        online
    }

    /// What is to be told now.
    pub fn news(&mut self, now: Timestamp) -> Vec<News> {
        let due = self.changed.extract_if(|_, wait| {
            let due = *wait == 0;
            *wait = wait.saturating_sub(1);
            due
        });
        let due: Vec<UserId> = due.map(|(user, _)| user).collect();
        due.into_iter().filter_map(|user| self.settle(user, now)).collect()
    }

    /// Takes the person's state for told; answers it when it differs from what was told.
    fn settle(&mut self, user: UserId, now: Timestamp) -> Option<News> {
        if self.is_online(user) {
            let presence = Presence { user, online: true, last_seen_at: None };
            return self.told_online.insert(user).then_some(News { presence, ours: false });
        }
        let Leave { at, here } = self.left.remove(&user).unwrap_or(Leave { at: now, here: false });
        // Both sets must forget them.
        let differs = self.told_online.remove(&user) | self.seen_online.remove(&user);
        let presence = Presence { user, online: false, last_seen_at: Some(at) };
        differs.then_some(News { presence, ours: here })
    }

    /// What could not be told is news again.
    pub fn untell(&mut self, news: News, now: Timestamp) {
        let user = news.presence.user;
        if news.presence.online {
            self.told_online.remove(&user);
        } else {
            self.told_online.insert(user);
            self.leave(user, Leave { at: news.presence.last_seen_at.unwrap_or(now), here: news.ours });
        }
        self.changed.entry(user).or_default();
    }

    /// The latest leaving counts, wherever it was.
    fn leave(&mut self, user: UserId, leave: Leave) {
        let last = self.left.entry(user).or_insert(leave);
        let here = leave.here || (last.here && last.at == leave.at);
        if leave.at >= last.at {
            *last = Leave { at: leave.at, here };
        }
    }

    /// What another node said changes somebody's state; the news waits for `wait` tellings.
    fn learn(&mut self, user: UserId, wait: u32, now: Timestamp) {
        let ours = self.left.get(&user).is_some_and(|leave| leave.here);
        if self.sockets.is_empty() && !ours && !self.changed.contains_key(&user) {
            // There is nobody to tell.
            self.settle(user, now);
        } else {
            self.changed.insert(user, wait);
        }
    }

    /// Learns what another node said; answers who is online nowhere any more.
    pub fn follow(&mut self, moves: Moves, wait: u32, now: Timestamp) -> Vec<UserId> {
        for user in moves.came {
            self.learn(user, 0, now);
        }
        let mut gone = Vec::new();
        for (user, at) in moves.went {
            self.leave(user, Leave { at, here: false });
            self.learn(user, wait, now);
            if !self.is_online(user) {
                gone.push(user);
            }
        }
        gone
    }

    /// Learns that a node is dead; answers who is online nowhere any more.
    pub fn bury(&mut self, dead: Dead, now: Timestamp) -> Vec<UserId> {
        let went = dead.people.into_iter().map(|user| (user, dead.at)).collect();
        self.follow(Moves { came: Vec::new(), went }, 0, now)
    }

    /// What the other nodes have not heard yet.
    fn deltas(&mut self) -> Vec<Signal> {
        let (mut came, mut went) = (Vec::new(), Vec::new());
        for (user, at) in std::mem::take(&mut self.moved) {
            if self.sockets.contains_key(&user) {
                came.extend(self.shared.insert(user).then_some(user));
            } else {
                went.extend(self.shared.remove(&user).then_some((user, at)));
            }
        }
        Signal::presence(&came, &went)
    }

    fn snapshot(&mut self) -> Vec<Signal> {
        let mut signals = self.deltas();
        let people: Vec<UserId> = self.shared.iter().copied().collect();
        signals.extend(Signal::snapshot(&people));
        signals
    }

    /// What to say to a node that asked for a snapshot: nothing when one was given just now, and another one will be.
    pub fn asked(&mut self) -> Vec<Signal> {
        match self.answer {
            Answer::Ready => {
                self.answer = Answer::Given;
                self.snapshot()
            }
            Answer::Given | Answer::Owed => {
                self.answer = Answer::Owed;
                Vec::new()
            }
        }
    }

    /// What to say to the others once a second.
    pub fn tick(&mut self) -> Vec<Signal> {
        let mut signals = match self.answer {
            Answer::Owed => self.snapshot(),
            Answer::Ready | Answer::Given => self.deltas(),
        };
        self.answer = match self.answer {
            Answer::Owed => Answer::Given,
            Answer::Ready | Answer::Given => Answer::Ready,
        };
        signals.extend(self.peers.tick().into_iter().map(|node| Signal::Hello { to: Some(node) }));
        signals
    }

    /// For a node that is the only one.
    pub fn keep_to_itself(&mut self) {
        self.moved.clear();
    }
}
