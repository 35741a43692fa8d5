//! What one record of an archive can be wrong about: its place, and the records that it refers to. Remembers people,
//! conversations and members, a hundred bytes each at most, and no messages.

use std::collections::{HashMap, HashSet};

use crate::domain::{
    entities::{
        archive::{ArchivedConversation, ArchivedMember, Key, Record},
        attachment::Attachment,
        conversation::{ConversationKind, Title},
        ids::{ConversationId, UserId},
        message::Message,
        user::Username,
    },
    error::FieldError,
};

type Check = Result<(), FieldError>;

struct Room {
    kind: ConversationKind,
    rev: u64,
    /// In the order of their ids, with what they have read.
    members: Vec<(UserId, u64)>,
    messages: u64,
    last_seq: u64,
}

/// The records so far.
#[derive(Default)]
pub(super) struct Checks {
    last: Option<Key>,
    people: HashSet<UserId>,
    names: HashSet<Username>,
    rooms: HashMap<ConversationId, Room>,
    titles: HashSet<String>,
    pairs: HashSet<(UserId, UserId)>,
    general: bool,
}

fn ensure(right: bool, field: &str, reason: &str) -> Check {
    if right { Ok(()) } else { Err(FieldError::new(field, reason)) }
}

impl Checks {
    /// # Errors
    /// The field that is wrong.
    pub fn check(&mut self, record: &Record) -> Check {
        let key = record.key();
        match record {
            Record::User(user) => {
                self.in_order(key, "id")?;
                self.people.insert(user.user.id);
                let new = self.names.insert(user.user.username.clone());
                ensure(new, "username", "is somebody else's too")?;
                let is_both = user.admin && user.banned_at.is_some();
                ensure(!is_both, "bannedAt", "must be null for an administrator")?;
            }
            Record::Gone(gone) => {
                self.in_order(key, "id")?;
                ensure(self.people.insert(gone.id), "id", "is somebody's who is not gone")?;
            }
            Record::Session(session) => {
                self.in_order(key, "key")?;
                self.somebody(session.user, "userId")?;
            }
            Record::Conversation(conversation) => {
                self.in_order(key, "id")?;
                self.conversation(conversation)?;
            }
            Record::Member(member) => {
                self.in_order(key, "userId")?;
                self.member(member)?;
            }
            Record::Message(message) => {
                self.in_order(key, "id")?;
                self.message(message)?;
            }
            Record::Registration(_) => self.in_order(key, "name")?,
            Record::Block(block) => {
                self.in_order(key, "blockedId")?;
                self.somebody(block.blocker, "blockerId")?;
                self.somebody(block.blocked, "blockedId")?;
                ensure(block.blocker != block.blocked, "blockedId", "is the blockerId, too")?;
            }
        }
        self.last = Some(key);
        Ok(())
    }

    /// A conversation whose messages are not 1, 2, 3 … That no two have the same place is for the database to find.
    pub fn hole(&self) -> Option<ConversationId> {
        self.rooms.iter().find(|(_, room)| room.messages != room.last_seq).map(|(id, _)| *id)
    }

    fn in_order(&self, key: Key, field: &str) -> Check {
        let last = self.last;
        ensure(last.is_none_or(|last| last.kind() <= key.kind()), "type", "stands behind a later kind")?;
        ensure(last.is_none_or(|last| last < key), field, "does not come after the one of the line before")
    }

    fn somebody(&self, user: UserId, field: &str) -> Check {
        ensure(self.people.contains(&user), field, "names nobody")
    }

    fn conversation(&mut self, conversation: &ArchivedConversation) -> Check {
        let ArchivedConversation { id, kind, ref title, general, rev, .. } = *conversation;
        let channel = kind == ConversationKind::Channel;
        if channel {
            let title = title.as_ref().map(Title::folded);
            let title = title.ok_or_else(|| FieldError::new("title", "must be given for a channel"))?;
            ensure(self.titles.insert(title), "title", "is another channel's too")?;
        }
        ensure(kind != ConversationKind::Direct || title.is_none(), "title", "must be null")?;
        ensure(!general || channel && !self.general, "general", "must be true for one channel only")?;
        self.general |= general;
        self.rooms.insert(id, Room { kind, rev, members: Vec::new(), messages: 0, last_seq: 0 });
        Ok(())
    }

    fn member(&mut self, member: &ArchivedMember) -> Check {
        self.somebody(member.user, "userId")?;
        let room = self.rooms.get_mut(&member.conversation);
        let room = room.ok_or_else(|| FieldError::new("conversationId", "names no conversation"))?;
        room.members.push((member.user, member.read_seq));
        match room.members[..] {
            [(first, _), (second, _)] if room.kind == ConversationKind::Direct => {
                let new = self.pairs.insert((first, second));
                ensure(new, "userId", "has another direct conversation with the same person")
            }
            [_, _, _, ..] if room.kind == ConversationKind::Direct => {
                ensure(false, "userId", "is a third one in a direct conversation")
            }
            _ => Ok(()),
        }
    }

    fn message(&mut self, message: &Message) -> Check {
        self.somebody(message.sender, "senderId")?;
        let room = self.rooms.get_mut(&message.conversation);
        let room = room.ok_or_else(|| FieldError::new("conversationId", "names no conversation"))?;
        let within = (1..=room.rev).contains(&message.rev);
        ensure(within, "rev", &format!("must be 1 to {}, the rev of the conversation", room.rev))?;
        ensure(message.seq > 0, "seq", "must be at least 1")?;
        let sender = room.members.binary_search_by_key(&message.sender, |(user, _)| *user).ok();
        let has_read = sender.is_none_or(|place| room.members[place].1 >= message.seq);
        ensure(has_read, "seq", "is above the readSeq of the member who sent it")?;
        room.messages += 1;
        room.last_seq = room.last_seq.max(message.seq);
        let (deleted, empty) = (message.is_deleted(), message.body.is_none());
        ensure(deleted == empty, "body", "must be empty when the message was deleted, and only then")?;
        ensure(!deleted || message.reactions.is_empty(), "reactions", "must be empty, like the message")?;
        ensure(!deleted || message.attachments.is_empty(), "attachments", "must be empty, like the message")?;
        let files = message.attachments.len();
        ensure(files <= Attachment::MAX_PER_MESSAGE, "attachments", "must be at most 10")?;
        let mut emojis = HashSet::new();
        for (place, reaction) in message.reactions.iter().enumerate() {
            let emoji = format!("reactions[{place}].emoji");
            ensure(emojis.insert(&reaction.emoji), &emoji, "stands there twice")?;
            let field = format!("reactions[{place}].userIds");
            let mut users = HashSet::new();
            for user in &reaction.users {
                self.somebody(*user, &field)?;
                ensure(users.insert(user), &field, "names somebody twice")?;
            }
            ensure(!users.is_empty(), &field, "names nobody")?;
        }
        Ok(())
    }
}
