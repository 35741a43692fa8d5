//! A conversation with its members and messages.

use crate::domain::{
    entities::{
        conversation::{
            Conversation, ConversationKind, ConversationView, Member, Role, SMALL_CONVERSATION, Title,
        },
        ids::{ConversationId, UserId},
        message::Message,
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
};

pub(super) struct Room {
    pub id: ConversationId,
    pub kind: ConversationKind,
    pub title: Option<Title>,
    pub is_general: bool,
    /// In the order in which they joined, those of one moment in that of their ids.
    pub members: Vec<RoomMember>,
    /// By `seq`, from 1. Reactions name everybody here.
    pub messages: Vec<Message>,
    pub rev: u64,
    pub created_at: Timestamp,
}

pub(super) struct RoomMember {
    pub user: UserId,
    pub role: Role,
    pub joined_at: Timestamp,
    pub read_seq: u64,
    pub muted: bool,
    pub pinned: bool,
    pub unread: bool,
}

impl Room {
    pub fn new(
        id: ConversationId,
        kind: ConversationKind,
        title: Option<Title>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            kind,
            title,
            is_general: false,
            members: Vec::new(),
            messages: Vec::new(),
            rev: 0,
            created_at,
        }
    }

    pub fn last_seq(&self) -> u64 {
        self.messages.len() as u64
    }

    pub fn active_at(&self) -> Timestamp {
        self.messages.last().map_or(self.created_at, |message| message.created_at)
    }

    pub fn member(&self, user: UserId) -> Option<&RoomMember> {
        self.members.iter().find(|member| member.user == user)
    }

    pub fn member_mut(&mut self, user: UserId) -> Option<&mut RoomMember> {
        self.members.iter_mut().find(|member| member.user == user)
    }

    /// Adds those who are not members yet, with everything read; answers them.
    pub fn add(&mut self, users: &[UserId], owner: Option<UserId>, at: Timestamp) -> Vec<UserId> {
        let mut joined = Vec::new();
        for &user in users {
            if self.member(user).is_none() {
                let role = if owner == Some(user) { Role::Owner } else { Role::Member };
                let read_seq = self.last_seq();
                let (muted, pinned, unread) = (false, false, false);
                self.members.push(RoomMember { user, role, joined_at: at, read_seq, muted, pinned, unread });
                joined.push(user);
            }
        }
        self.members.sort_by_key(|member| (member.joined_at, member.user));
        joined
    }

    pub fn next_rev(&mut self) -> u64 {
        self.rev += 1;
        self.rev
    }

    pub fn message(&self, seq: u64) -> Option<&Message> {
        self.messages.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    pub fn message_mut(&mut self, seq: u64) -> Option<&mut Message> {
        self.messages.get_mut(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    pub fn conversation(&self) -> Conversation {
        Conversation {
            id: self.id,
            kind: self.kind,
            title: self.title.clone(),
            members: self.roles().take(SMALL_CONVERSATION as usize).collect(),
            member_count: u32::try_from(self.members.len()).unwrap_or(u32::MAX),
            last_message: self.messages.last().map(shown),
            last_seq: self.last_seq(),
            rev: self.rev,
            created_at: self.created_at,
        }
    }

    pub fn roles(&self) -> impl Iterator<Item = Member> {
        self.members.iter().map(|member| Member { user: member.user, role: member.role })
    }

    /// # Errors
    /// `NotMember`.
    pub fn view(&self, user: UserId) -> Result<ConversationView> {
        let member = self.member(user).ok_or(DomainError::NotMember)?;
        let conversation = self.conversation();
        Ok(ConversationView { conversation, read_seq: member.read_seq, muted: member.muted })
    }
}

/// A message as it is shown: reactions name the first people only.
pub(super) fn shown(message: &Message) -> Message {
    let mut message = message.clone();
    for reaction in &mut message.reactions {
        reaction.users.truncate(Message::MAX_REACTION_USERS);
    }
    message
}
