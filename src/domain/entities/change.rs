//! What the database committed, in the words that delivery needs.

use std::sync::Arc;

use super::{
    conversation::Conversation,
    ids::{ConversationId, UserId},
    message::Message,
};

/// One committed change. A change is delivered after it is durable, never before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    MessageCreated(Arc<Message>),
    /// Edited, deleted or reacted to.
    MessageUpdated(Arc<Message>),
    /// A new conversation; all of `conversation.members` (and `members`, when there are more) enter it.
    ConversationCreated {
        conversation: Arc<Conversation>,
        members: Vec<UserId>,
    },
    /// Title, roles.
    ConversationUpdated(Arc<Conversation>),
    /// `told` is false in conversations too large to tell who comes and goes.
    MembersJoined {
        conversation: Arc<Conversation>,
        users: Vec<UserId>,
        told: bool,
    },
    MemberLeft {
        conversation: Arc<Conversation>,
        user: UserId,
        told: bool,
    },
    ConversationDeleted(ConversationId),
    /// `told` is false in conversations too large to tell who read what; the reader's own devices always hear.
    Read {
        conversation: ConversationId,
        user: UserId,
        seq: u64,
        told: bool,
    },
    /// Somebody's marks are others now; only their own devices are told.
    Marked(UserId),
    /// Somebody has another name or picture, or their account is closed.
    Profile(UserId),
}
