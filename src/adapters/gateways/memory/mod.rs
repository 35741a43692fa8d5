//! The twin of the databases, in memory: simple enough to be right by looking at it. For tests.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::domain::{
    entities::{
        archive::Key,
        change::Change,
        ids::{AttachmentId, ClientId, ConversationId, InviteId, MessageId, UserId},
        invite::Invite,
        registration::Registration,
        session::{Session, SessionKey},
        timestamp::Timestamp,
        user::{PasswordHash, User},
    },
    error::{DomainError, Result},
    interfaces::{
        change_feed::{ChangeFeed, FeedEvent},
        health::Health,
    },
};

mod accounts;
mod archive;
mod attachments;
mod conversations;
mod invites;
mod messages;
mod room;
mod sessions;
mod sync;
mod users;

use attachments::StoredUpload;
use room::Room;

/// Everything that is stored. Clones share it.
#[derive(Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    users: HashMap<UserId, (User, PasswordHash)>,
    admins: HashSet<UserId>,
    banned: HashMap<UserId, Timestamp>,
    /// Those whose accounts are gone, since when.
    gone: HashMap<UserId, Timestamp>,
    registration: Option<Registration>,
    sessions: HashMap<SessionKey, Session>,
    rooms: HashMap<ConversationId, Room>,
    /// Where a message is: in the conversation, at this `seq`.
    places: HashMap<MessageId, (ConversationId, u64)>,
    sends: HashMap<(UserId, ClientId), MessageId>,
    uploads: HashMap<AttachmentId, StoredUpload>,
    invites: HashMap<InviteId, Invite>,
    /// What it is being filled from, and the last record that is stored.
    unfinished: Option<(String, Option<Key>)>,
    /// `None` when it was closed.
    feed: Option<mpsc::UnboundedSender<Change>>,
}

impl Memory {
    /// An empty database and its feed, which holds as many changes as are not taken out.
    pub fn new() -> (Self, MemoryFeed) {
        let (feed, changes) = mpsc::unbounded_channel();
        let state = State { feed: Some(feed), ..State::default() };
        (Self { state: Arc::new(Mutex::new(state)) }, MemoryFeed(changes))
    }

    /// Ends the feed; whatever is asked later is answered `Unavailable`.
    pub fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).feed = None;
    }

    fn state(&self) -> Result<MutexGuard<'_, State>> {
        // A panic while it was held may have left half a change behind.
        let state = self.state.lock().map_err(|_| DomainError::internal("a change was not finished"))?;
        if state.feed.is_none() {
            return Err(DomainError::unavailable("the database was closed"));
        }
        Ok(state)
    }
}

impl State {
    fn publish(&self, change: Change) {
        if let Some(feed) = &self.feed {
            // A feed that nobody reads any more takes nothing.
            drop(feed.send(change));
        }
    }

    fn room(&self, id: ConversationId) -> Result<&Room> {
        self.rooms.get(&id).ok_or(DomainError::NotFound("conversation"))
    }

    fn room_mut(&mut self, id: ConversationId) -> Result<&mut Room> {
        self.rooms.get_mut(&id).ok_or(DomainError::NotFound("conversation"))
    }

    /// A person's conversations, the newest activity first.
    fn rooms_of(&self, user: UserId) -> Vec<&Room> {
        let mut rooms: Vec<_> = self.rooms.values().filter(|room| room.member(user).is_some()).collect();
        rooms.sort_by_key(|room| std::cmp::Reverse((room.active_at(), room.id)));
        rooms
    }
}

/// The committed changes.
pub struct MemoryFeed(mpsc::UnboundedReceiver<Change>);

#[async_trait]
impl ChangeFeed for MemoryFeed {
    async fn next(&mut self) -> Option<FeedEvent> {
        self.0.recv().await.map(FeedEvent::Change)
    }

    fn try_next(&mut self) -> Option<FeedEvent> {
        self.0.try_recv().ok().map(FeedEvent::Change)
    }
}

#[async_trait]
impl Health for Memory {
    async fn ready(&self) -> Result<()> {
        self.state().map(drop)
    }
}
