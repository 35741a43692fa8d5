//! Databases as a whole: read in the canonical order, and filled.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        archive::{
            ArchivedBlock, ArchivedConversation, ArchivedGone, ArchivedMember, ArchivedUser, Counts, Key,
            Record,
        },
        ids::{ConversationId, MessageId, UserId},
        message::Message,
        registration::Registration,
        session::{Session, SessionKey},
    },
    error::Result,
};

/// Each method answers the records of one kind after a key (from the beginning without one), in the canonical order:
/// at most `limit`, fewer only when there are no more. Where the database can, all answers come from one moment.
#[async_trait]
pub trait ArchiveSource: Send + Sync {
    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<ArchivedUser>>;

    async fn gone(&self, after: Option<UserId>, limit: u32) -> Result<Vec<ArchivedGone>>;

    /// Expired ones may be among them.
    async fn sessions(&self, after: Option<SessionKey>, limit: u32) -> Result<Vec<Session>>;

    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ArchivedConversation>>;

    async fn members(
        &self,
        after: Option<(ConversationId, UserId)>,
        limit: u32,
    ) -> Result<Vec<ArchivedMember>>;

    /// In the order of their ids, which is about the one in which they were sent; reactions name everybody.
    async fn messages(&self, after: Option<MessageId>, limit: u32) -> Result<Vec<Message>>;

    /// `None` when it was never decided.
    async fn registration(&self) -> Result<Option<Registration>>;

    async fn blocks(&self, after: Option<(UserId, UserId)>, limit: u32) -> Result<Vec<ArchivedBlock>>;

    /// How many records there are, expired sessions included.
    async fn counts(&self) -> Result<Counts>;
}

/// What is in a database that is to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetState {
    /// Neither people nor conversations.
    Empty,
    /// Begun and not finished.
    Begun {
        /// What it is filled from, as [`ArchiveTarget::begin`] was told.
        origin: String,
        /// The last record that is stored; all before it are too.
        last: Option<Key>,
    },
    /// Something else.
    Filled,
}

/// A database that is filled with records. From `begin` to `finish` no server starts on it, and whatever is interrupted in
/// between, at any moment, can be gone on with: all that `write` answered is there, and its last record is `last`.
#[async_trait]
pub trait ArchiveTarget: Send + Sync {
    /// What it holds by now, to be read back.
    fn held(&self) -> &dyn ArchiveSource;

    async fn state(&self) -> Result<TargetState>;

    /// Marks an empty database as being filled from `origin`.
    async fn begin(&self, origin: &str) -> Result<()>;

    /// Stores records in the canonical order. Some of them may have been stored before, by a call that was interrupted.
    async fn write(&self, records: Vec<Record>) -> Result<()>;

    /// Derives what depends on the whole, such as counters, once all records are there. May be called again.
    async fn settle(&self) -> Result<()>;

    /// Takes the mark away: a server may start.
    async fn finish(&self) -> Result<()>;
}
