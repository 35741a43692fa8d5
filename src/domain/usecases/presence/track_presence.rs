//! Who is there. A person is online while at least one of their sockets is connected, to whatever node.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    roll::{News, Roll},
    voice::Voice,
};
use crate::domain::{
    entities::{
        ids::{ConversationId, NodeId, UserId},
        presence::Presence,
        signal::{Frame, Signal},
        timestamp::Timestamp,
        user::User,
    },
    error::{DomainError, Result},
    interfaces::{clock::Clock, event_publisher::EventPublisher, user_repository::UserRepository},
};

pub struct TrackPresence {
    users: Arc<dyn UserRepository>,
    publisher: Arc<dyn EventPublisher>,
    clock: Arc<dyn Clock>,
    voice: Arc<Voice>,
    roll: Mutex<Roll>,
}

/// What is left to do with a frame after presence has had its part.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    Nothing,
    Typing {
        conversation: ConversationId,
        user: UserId,
        typing: bool,
    },
    /// They are online nowhere any more.
    Gone(Vec<UserId>),
}

/// A node that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obituary {
    pub node: NodeId,
    /// When it was last heard of.
    pub at: Timestamp,
    /// Who was connected to it and is online nowhere any more.
    pub people: Vec<UserId>,
}

impl TrackPresence {
    /// People that one socket may watch.
    pub const MAX_WATCHED: usize = 200;

    /// Of how many people's contacts the database is asked at once.
    const TOGETHER: usize = 50;

    /// Tellings that the people of a node which said good-bye get to turn up elsewhere, before it is told that they left.
    const MOVING: u32 = 3;

    pub fn new(
        users: Arc<dyn UserRepository>,
        publisher: Arc<dyn EventPublisher>,
        clock: Arc<dyn Clock>,
        voice: Arc<Voice>,
    ) -> Self {
        Self { users, publisher, clock, voice, roll: Mutex::default() }
    }

    pub fn connected(&self, user: UserId) {
        self.roll().connected(user, self.clock.now());
    }

    pub fn disconnected(&self, user: UserId) {
        self.roll().disconnected(user, self.clock.now());
    }

    /// Tells the people here what has changed since the last call, so that a person who reconnects in between is not
    /// news. Called once a second.
    ///
    /// # Errors
    /// The first one that a repository gave; the others are told all the same.
    pub async fn tell(&self) -> Result<()> {
        let news = self.roll().news(self.clock.now());
        let mut outcome = Ok(());
        for some in news.chunks(Self::TOGETHER) {
            outcome = self.tell_some(some).await.and(outcome);
        }
        outcome
    }

    async fn tell_some(&self, news: &[News]) -> Result<()> {
        let people: Vec<UserId> = news.iter().map(|news| news.presence.user).collect();
        let mut contacts = match self.users.contacts_of(&people).await {
            Ok(contacts) => contacts,
            Err(error) => {
                let (mut roll, now) = (self.roll(), self.clock.now());
                news.iter().for_each(|news| roll.untell(*news, now));
                return Err(error);
            }
        };
        let mut seen: BTreeMap<Timestamp, Vec<UserId>> = BTreeMap::new();
        for News { presence, ours } in news {
            let mut here = contacts.remove(&presence.user).unwrap_or_default();
            {
                let roll = self.roll();
                here.retain(|user| roll.is_here(*user));
            }
            self.publisher.presence(*presence, &here).await;
            if let (Some(at), true) = (presence.last_seen_at, *ours) {
                seen.entry(at).or_default().push(presence.user);
            }
        }
        let mut outcome = Ok(());
        for (at, people) in seen {
            outcome = self.users.set_last_seen_of(&people, at).await.and(outcome);
        }
        outcome
    }

    /// Remembers when everybody who is connected here only was seen, and says good-bye, because the server stops.
    ///
    /// # Errors
    /// The first one; the others are remembered all the same.
    pub async fn leave_all(&self) -> Result<()> {
        let people = self.roll().only_here();
        // First, so that the others know at once who is to turn up there.
        self.voice.say([Signal::Goodbye]);
        self.users.set_last_seen_of(&people, self.clock.now()).await
    }

    /// How these people are right now. Unknown ids are left out.
    ///
    /// # Errors
    /// `Invalid` naming `userIds` when there are too many.
    pub async fn watch(&self, users: &[UserId]) -> Result<Vec<Presence>> {
        if users.len() > Self::MAX_WATCHED {
            return Err(DomainError::invalid("userIds", "must be at most 200"));
        }
        let found = self.users.find_many(users).await?;
        let mut roll = self.roll();
        let mut look = |user: User| Presence {
            user: user.id,
            online: roll.look(user.id),
            last_seen_at: user.last_seen_at,
        };
        Ok(found.into_iter().map(&mut look).collect())
    }

    pub fn is_online(&self, user: UserId) -> bool {
        self.roll().is_online(user)
    }

    /// How many people are connected to this node.
    pub fn online(&self) -> usize {
        self.roll().count()
    }

    /// Frames of other nodes that never came.
    pub fn lost(&self) -> u64 {
        self.roll().peers.lost()
    }

    /// Tells the other nodes what has changed here since the last call, and asks those of which something is missing.
    /// Called once a second.
    pub fn share(&self) {
        let mut roll = self.roll();
        if self.voice.is_alone() {
            return roll.keep_to_itself();
        }
        let signals = roll.tick();
        self.voice.say(signals);
        self.voice.tick();
    }

    /// Asks all other nodes who is connected to them: whatever they said before, this one may not have heard.
    pub fn hello(&self) {
        let mut roll = self.roll();
        roll.peers.doubt();
        self.voice.say([Signal::Hello { to: None }]);
    }

    /// Takes in what another node said.
    pub fn hear(&self, frame: Frame) -> Heard {
        let now = self.clock.now();
        let us = self.voice.node();
        let mut roll = self.roll();
        if frame.node == us || !roll.peers.count(&frame, now) {
            return Heard::Nothing;
        }
        let Frame { node, signal, .. } = frame;
        let heard = match signal {
            Signal::Typing { conversation, user, typing } => Heard::Typing { conversation, user, typing },
            Signal::Hello { to } => {
                if to.is_none_or(|to| to == us) {
                    let answer = roll.asked();
                    self.voice.say(answer);
                }
                Heard::Nothing
            }
            news => {
                let wait = if news == Signal::Goodbye { Self::MOVING } else { 0 };
                let moves = roll.peers.apply(node, news, now);
                Heard::Gone(roll.follow(moves, wait, now))
            }
        };
        if roll.peers.ask(node) {
            self.voice.say([Signal::Hello { to: Some(node) }]);
        }
        heard
    }

    /// Nodes that are alive and not heard.
    pub fn unheard(&self) -> usize {
        self.roll().peers.unheard()
    }

    /// Compares with the nodes that are alive; answers the dead ones, each once.
    pub fn sweep(&self, alive: &[NodeId]) -> Vec<Obituary> {
        let now = self.clock.now();
        let us = self.voice.node();
        let others: Vec<NodeId> = alive.iter().copied().filter(|node| *node != us).collect();
        let mut roll = self.roll();
        let dead = roll.peers.sweep(&others, now);
        dead.into_iter()
            .map(|dead| Obituary { node: dead.node, at: dead.at, people: roll.bury(dead, now) })
            .collect()
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
