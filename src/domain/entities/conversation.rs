//! Conversations: direct (two people), groups (invited), channels (anybody may join).

use super::{
    ids::{ConversationId, UserId},
    message::Message,
    timestamp::Timestamp,
};
use crate::domain::error::{DomainError, FieldError};

/// The title of the channel that every server has and every new user joins.
pub const GENERAL_TITLE: &str = "general";

/// Above this many members typing and other people's reads are not told, joining and leaving take no `rev`,
/// and a conversation's `members` is cut (docs/PROTOCOL.md, "Nothing grows with the square").
pub const SMALL_CONVERSATION: u32 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConversationKind {
    Direct,
    Group,
    Channel,
}

impl ConversationKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Channel => "channel",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Direct, Self::Group, Self::Channel].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Owner,
    Admin,
    Member,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Member].into_iter().find(|role| role.as_str() == text)
    }

    /// Owners and admins rename a conversation and delete other people's messages.
    pub const fn moderates(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// Whether it changes when it is to be another one.
    ///
    /// # Errors
    /// `Invalid` naming `role`: an owner stays one until somebody else becomes it.
    pub fn becomes(self, wanted: Self) -> Result<bool, DomainError> {
        match self {
            held if held == wanted => Ok(false),
            Self::Owner => {
                Err(DomainError::invalid("role", "of the owner changes when somebody else becomes owner"))
            }
            Self::Admin | Self::Member => Ok(true),
        }
    }

    /// The owner removes anybody, an admin removes plain members.
    pub const fn may_remove(self, other: Role) -> bool {
        matches!((self, other), (Self::Owner, _) | (Self::Admin, Self::Member))
    }
}

/// 1–100 characters after trimming, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(Box<str>);

impl Title {
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let title = text.trim();
        if !(1..=100).contains(&title.chars().count()) || title.chars().any(char::is_control) {
            return Err(FieldError::new("title", "must be 1 to 100 characters"));
        }
        Ok(Self(title.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which channel titles are compared: unique without regard to case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Member {
    pub user: UserId,
    pub role: Role,
}

/// A conversation as every member sees it: the part that facts carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    /// Always there for channels, never for direct conversations.
    pub title: Option<Title>,
    /// The first [`SMALL_CONVERSATION`] members in the order in which they joined (ties by id).
    pub members: Vec<Member>,
    pub member_count: u32,
    pub last_message: Option<Message>,
    /// The `seq` of the newest message; 0 when there is none.
    pub last_seq: u64,
    /// The change counter; 0 when nothing has changed since the creation.
    pub rev: u64,
    pub created_at: Timestamp,
}

impl Conversation {
    /// Whether typing and reads are told here.
    pub const fn is_small(&self) -> bool {
        self.member_count <= SMALL_CONVERSATION
    }

    /// Groups and channels have titles, members that come and go, and an end; direct conversations do not.
    pub fn ensure_not_direct(&self) -> Result<(), DomainError> {
        match self.kind {
            ConversationKind::Direct => Err(DomainError::DirectFixed),
            ConversationKind::Group | ConversationKind::Channel => Ok(()),
        }
    }
}

/// A conversation as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationView {
    pub conversation: Conversation,
    /// The newest `seq` that the reader has read; at most `last_seq`.
    pub read_seq: u64,
    pub muted: bool,
}

impl ConversationView {
    /// Sending counts as reading, so a person's own messages are never unread.
    pub const fn unread_count(&self) -> u64 {
        self.conversation.last_seq.saturating_sub(self.read_seq)
    }
}
