//! Where conversations and their members are kept.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        conversation::{Conversation, ConversationKind, ConversationView, Member, Role, Title},
        ids::{ConversationId, UserId},
        timestamp::Timestamp,
    },
    error::Result,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    pub title: Option<Title>,
    /// Owner of a group or channel; plain member of a direct conversation.
    pub creator: UserId,
    /// The others, without the creator, without doubles. Exactly one for a direct conversation.
    pub others: Vec<UserId>,
    pub created_at: Timestamp,
}

/// One page of members, in the order in which they joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    pub members: Vec<Member>,
    /// Give this back as `after` for the next page; `None` on the last one.
    pub next: Option<UserId>,
}

/// One page of channels, sorted by folded title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelPage {
    pub channels: Vec<ConversationView>,
    /// Give this back as `after` for the next page; `None` on the last one.
    pub next: Option<String>,
}

/// What every command on a conversation asks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub kind: ConversationKind,
    pub role: Role,
    pub member_count: u32,
    pub is_general: bool,
    /// Of direct conversations only: one of the two has blocked the other, and neither writes.
    pub silenced: bool,
}

/// Every method that changes something takes one `rev` where the contract says so, in the same transaction, and
/// puts its `Change` into the feed.
#[async_trait]
pub trait ConversationRepository: Send + Sync {
    /// Creates a conversation with all its members; a direct conversation of the same two people that exists is
    /// answered instead, with `false`. People join with everything that is there already read.
    ///
    /// # Errors
    /// `Invalid` naming `memberIds` when somebody does not exist; `TitleTaken` for a channel; `Blocked` for a new direct
    /// conversation of two of whom one has blocked the other.
    async fn create(&self, new: &NewConversation) -> Result<(ConversationView, bool)>;

    /// What kind of conversation it is; `None` when there is no such one.
    async fn kind_of(&self, id: ConversationId) -> Result<Option<ConversationKind>>;

    /// # Errors
    /// `NotFound`; `NotMember`.
    async fn membership(&self, id: ConversationId, user: UserId) -> Result<Membership>;

    /// # Errors
    /// `NotFound`; `NotMember`.
    async fn view(&self, id: ConversationId, user: UserId) -> Result<ConversationView>;

    /// All conversations of a person, the newest activity (last message, or creation) first, ties by id descending.
    async fn list(&self, user: UserId) -> Result<Vec<ConversationView>>;

    /// The ids of all conversations of a person, in any order.
    async fn ids_of(&self, user: UserId) -> Result<Vec<ConversationId>>;

    /// The channel called `general`; `None` until the first person registered.
    async fn general(&self) -> Result<Option<ConversationId>>;

    /// Channels whose folded title contains the folded `query` (all when it is empty), as `reader` sees them: with
    /// no last message and everything read when they are not in it.
    async fn channels(
        &self,
        reader: UserId,
        query: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ChannelPage>;

    /// # Errors
    /// `NotFound`.
    async fn members(&self, id: ConversationId, after: Option<UserId>, limit: u32) -> Result<MemberPage>;

    /// The role of somebody else; `None` when they are not a member.
    async fn role_of(&self, id: ConversationId, user: UserId) -> Result<Option<Role>>;

    /// How far each member has read, by id. Who has sent something has read up to there.
    ///
    /// # Errors
    /// `NotFound`.
    async fn reads(&self, id: ConversationId) -> Result<Vec<(UserId, u64)>>;

    /// Gives a group or channel another title (`None` takes a group's away). The same title again changes nothing.
    ///
    /// # Errors
    /// `NotFound`; `TitleTaken`.
    async fn rename(&self, id: ConversationId, title: Option<&Title>) -> Result<Conversation>;

    /// Adds plain members; who is in it already stays as they are.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` naming `memberIds` when somebody does not exist.
    async fn add_members(&self, id: ConversationId, users: &[UserId], at: Timestamp) -> Result<Conversation>;

    /// Takes a member out; nothing happens when they are not in it. When the owner goes, the longest-standing admin,
    /// else the longest-standing member, becomes owner. A group that nobody is left in is deleted.
    ///
    /// # Errors
    /// `NotFound`.
    async fn remove_member(&self, id: ConversationId, user: UserId) -> Result<()>;

    /// Gives a member of a group or channel another role; the same again changes nothing. Who becomes owner makes an
    /// admin of the one before.
    ///
    /// # Errors
    /// `NotFound` (conversation or member); `DirectFixed`; `Invalid` naming `role` when it is the owner's.
    async fn set_role(&self, id: ConversationId, user: UserId, role: Role) -> Result<Conversation>;

    /// Deletes the conversation with all its messages. Nothing happens when it is gone.
    async fn delete(&self, id: ConversationId) -> Result<()>;

    /// Moves the reader's position forward to `seq`, at most to the newest message; never back. Takes the mark away that it
    /// is unread. Answers the view afterwards. No `rev` is taken; a `Read` change is put into the feed when the position
    /// moved, and a `Marked` one when there was such a mark.
    ///
    /// # Errors
    /// `NotFound`; `NotMember`.
    async fn mark_read(&self, id: ConversationId, user: UserId, seq: u64) -> Result<ConversationView>;
}
