//! Who is there. A person is online while at least one of their sockets is connected.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::domain::{
    entities::{ids::UserId, presence::Presence, timestamp::Timestamp, user::User},
    error::{DomainError, Result},
    interfaces::{clock::Clock, event_publisher::EventPublisher, user_repository::UserRepository},
};

#[derive(Default)]
struct State {
    /// Connected sockets of everybody who is online.
    sockets: HashMap<UserId, u32>,
    /// What was told last: in here, online.
    told_online: HashSet<UserId>,
    /// Whom somebody who asked saw online, perhaps before it was told.
    seen_online: HashSet<UserId>,
    /// Whose state may differ from what was told, and when they were last seen.
    changed: HashMap<UserId, Timestamp>,
}

pub struct TrackPresence {
    users: Arc<dyn UserRepository>,
    publisher: Arc<dyn EventPublisher>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

impl TrackPresence {
    /// People that one socket may watch.
    pub const MAX_WATCHED: usize = 200;

    pub fn new(
        users: Arc<dyn UserRepository>,
        publisher: Arc<dyn EventPublisher>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { users, publisher, clock, state: Mutex::default() }
    }

    pub fn connected(&self, user: UserId) {
        let now = self.clock.now();
        let mut state = self.state();
        *state.sockets.entry(user).or_default() += 1;
        state.changed.insert(user, now);
    }

    pub fn disconnected(&self, user: UserId) {
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(count) = state.sockets.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                state.sockets.remove(&user);
            }
        }
        state.changed.insert(user, now);
    }

    /// Tells what has changed since the last call, so that a person who reconnects in between is not news. Called
    /// once a second.
    ///
    /// # Errors
    /// The first one that a repository gave; the others are told all the same.
    pub async fn tell(&self) -> Result<()> {
        let news: Vec<Presence> = {
            let mut state = self.state();
            let changed = std::mem::take(&mut state.changed);
            changed
                .into_iter()
                .filter_map(|(user, at)| {
                    let online = state.sockets.contains_key(&user);
                    let differs = if online {
                        state.told_online.insert(user)
                    } else {
                        // Both sets must forget them.
                        state.told_online.remove(&user) | state.seen_online.remove(&user)
                    };
                    differs.then_some(Presence { user, online, last_seen_at: (!online).then_some(at) })
                })
                .collect()
        };
        let mut outcome = Ok(());
        for presence in news {
            outcome = self.tell_one(presence).await.and(outcome);
        }
        outcome
    }

    async fn tell_one(&self, presence: Presence) -> Result<()> {
        let contacts = match self.users.contacts(presence.user).await {
            Ok(contacts) => contacts,
            Err(error) => {
                self.untell(presence);
                return Err(error);
            }
        };
        let online: Vec<UserId> = {
            let state = self.state();
            contacts.into_iter().filter(|user| state.sockets.contains_key(user)).collect()
        };
        self.publisher.presence(presence, &online).await;
        match presence.last_seen_at {
            Some(at) => self.users.set_last_seen(presence.user, at).await,
            None => Ok(()),
        }
    }

    /// What could not be told is news again.
    fn untell(&self, presence: Presence) {
        let now = self.clock.now();
        let mut state = self.state();
        if presence.online {
            state.told_online.remove(&presence.user);
        } else {
            state.told_online.insert(presence.user);
        }
        state.changed.entry(presence.user).or_insert(presence.last_seen_at.unwrap_or(now));
    }

    /// Remembers when everybody who is online was seen, because the server stops.
    ///
    /// # Errors
    /// The first one; the others are remembered all the same.
    pub async fn leave_all(&self) -> Result<()> {
        let now = self.clock.now();
        let online: Vec<UserId> = self.state().sockets.keys().copied().collect();
        let mut outcome = Ok(());
        for user in online {
            outcome = self.users.set_last_seen(user, now).await.and(outcome);
        }
        outcome
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
        let mut state = self.state();
        let look = |user: User| {
            let online = state.sockets.contains_key(&user.id);
            if online {
                state.seen_online.insert(user.id);
            }
            Presence { user: user.id, online, last_seen_at: user.last_seen_at }
        };
        Ok(found.into_iter().map(look).collect())
    }

    pub fn is_online(&self, user: UserId) -> bool {
        self.state().sockets.contains_key(&user)
    }

    /// How many people are online.
    pub fn online(&self) -> usize {
        self.state().sockets.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
