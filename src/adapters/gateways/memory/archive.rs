use async_trait::async_trait;

use super::{
    Memory, State,
    attachments::StoredUpload,
    room::{Room, RoomMember},
};
use crate::domain::{
    entities::{
        archive::{
            ArchivedBlock, ArchivedConversation, ArchivedGone, ArchivedMember, ArchivedUser, Counts, Record,
        },
        attachment::Upload,
        ids::{ConversationId, MessageId, UserId},
        message::Message,
        registration::Registration,
        session::{Session, SessionKey},
    },
    error::{DomainError, Result},
    interfaces::archive::{ArchiveSource, ArchiveTarget, TargetState},
};

/// Those behind `after`, in order.
fn page<T, K: Ord>(
    records: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
    after: Option<K>,
    limit: u32,
) -> Vec<T> {
    let mut records: Vec<T> =
        records.filter(|record| after.as_ref().is_none_or(|after| key(record) > *after)).collect();
    records.sort_by_key(key);
    records.truncate(limit as usize);
    records
}

#[async_trait]
impl ArchiveSource for Memory {
    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<ArchivedUser>> {
        let state = self.state()?;
        let users = state.users.values().cloned().map(|(user, hash)| {
            let (admin, banned_at) = (state.admins.contains(&user.id), state.banned.get(&user.id).copied());
            ArchivedUser { user, hash, admin, banned_at }
        });
        Ok(page(users, |user| user.user.id, after, limit))
    }

    async fn gone(&self, after: Option<UserId>, limit: u32) -> Result<Vec<ArchivedGone>> {
        let state = self.state()?;
        let gone = state.gone.iter().map(|(id, at)| ArchivedGone { id: *id, deleted_at: *at });
        Ok(page(gone, |gone| gone.id, after, limit))
    }

    async fn registration(&self) -> Result<Option<Registration>> {
        Ok(self.state()?.registration)
    }

    async fn sessions(&self, after: Option<SessionKey>, limit: u32) -> Result<Vec<Session>> {
        Ok(page(self.state()?.sessions.values().cloned(), |session| session.key, after, limit))
    }

    async fn conversations(
        &self,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ArchivedConversation>> {
        let state = self.state()?;
        let conversations = state.rooms.values().map(|room| ArchivedConversation {
            id: room.id,
            kind: room.kind,
            title: room.title.clone(),
            general: room.is_general,
            rev: room.rev,
            created_at: room.created_at,
        });
        Ok(page(conversations, |conversation| conversation.id, after, limit))
    }

    async fn members(
        &self,
        after: Option<(ConversationId, UserId)>,
        limit: u32,
    ) -> Result<Vec<ArchivedMember>> {
        let state = self.state()?;
        let members = state.rooms.values().flat_map(|room| {
            room.members.iter().map(|member| ArchivedMember {
                conversation: room.id,
                user: member.user,
                role: member.role,
                joined_at: member.joined_at,
                read_seq: member.read_seq,
                muted: member.muted,
                pinned: member.pinned,
                unread: member.unread,
            })
        });
        Ok(page(members, |member| (member.conversation, member.user), after, limit))
    }

    async fn messages(&self, after: Option<MessageId>, limit: u32) -> Result<Vec<Message>> {
        let state = self.state()?;
        let messages = state.rooms.values().flat_map(|room| room.messages.iter().cloned());
        Ok(page(messages, |message| message.id, after, limit))
    }

    async fn blocks(&self, after: Option<(UserId, UserId)>, limit: u32) -> Result<Vec<ArchivedBlock>> {
        let state = self.state()?;
        let blocks = state.blocks.iter().map(|&(blocker, blocked)| ArchivedBlock { blocker, blocked });
        Ok(page(blocks, |block| (block.blocker, block.blocked), after, limit))
    }

    async fn counts(&self) -> Result<Counts> {
        let state = self.state()?;
        Ok(Counts {
            users: state.users.len() as u64,
            gone: state.gone.len() as u64,
            settings: u64::from(state.registration.is_some()),
            blocks: state.blocks.len() as u64,
            sessions: state.sessions.len() as u64,
            conversations: state.rooms.len() as u64,
            members: state.rooms.values().map(|room| room.members.len() as u64).sum(),
            messages: state.places.len() as u64,
        })
    }
}

impl State {
    fn store(&mut self, record: Record) -> Result<()> {
        match record {
            Record::User(user) => {
                let id = user.user.id;
                if user.admin {
                    self.admins.insert(id);
                }
                self.banned.extend(user.banned_at.map(|at| (id, at)));
                self.users.insert(id, (user.user, user.hash));
            }
            Record::Gone(gone) => drop(self.gone.insert(gone.id, gone.deleted_at)),
            Record::Registration(mode) => self.registration = Some(mode),
            Record::Block(block) => drop(self.blocks.insert((block.blocker, block.blocked))),
            Record::Session(session) => {
                self.sessions.insert(session.key, session);
            }
            Record::Conversation(conversation) => {
                let ArchivedConversation { id, kind, title, general, rev, created_at } = conversation;
                let room = Room { is_general: general, rev, ..Room::new(id, kind, title, created_at) };
                self.rooms.insert(id, room);
            }
            Record::Member(member) => {
                let ArchivedMember { conversation, user, role, joined_at, read_seq, muted, pinned, unread } =
                    member;
                let members = &mut self.room_mut(conversation)?.members;
                members.push(RoomMember { user, role, joined_at, read_seq, muted, pinned, unread });
                members.sort_by_key(|member| (member.joined_at, member.user));
            }
            Record::Message(message) => {
                for upload in Upload::of(&message) {
                    let id = upload.attachment.id;
                    self.uploads.insert(id, StoredUpload { upload, discarded: false, settled: true });
                }
                self.places.insert(message.id, (message.conversation, message.seq));
                self.sends.insert((message.sender, message.client_id.clone()), message.id);
                self.room_mut(message.conversation)?.messages.push(message);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl ArchiveTarget for Memory {
    fn held(&self) -> &dyn ArchiveSource {
        self
    }

    async fn state(&self) -> Result<TargetState> {
        let state = self.state()?;
        Ok(match &state.unfinished {
            Some((origin, last)) => TargetState::Begun { origin: origin.clone(), last: *last },
            None if state.users.is_empty() && state.rooms.is_empty() => TargetState::Empty,
            None => TargetState::Filled,
        })
    }

    async fn begin(&self, origin: &str) -> Result<()> {
        self.state()?.unfinished = Some((origin.to_owned(), None));
        Ok(())
    }

    async fn write(&self, records: Vec<Record>) -> Result<()> {
        let mut state = self.state()?;
        for record in records {
            let key = record.key();
            let not_begun = || DomainError::internal("nothing was begun");
            let last = state.unfinished.as_ref().ok_or_else(not_begun)?.1;
            if last.is_none_or(|last| key > last) {
                state.store(record)?;
                state.unfinished.as_mut().ok_or_else(not_begun)?.1 = Some(key);
            }
        }
        Ok(())
    }

    async fn settle(&self) -> Result<()> {
        let mut state = self.state()?;
        state.rooms.values_mut().for_each(|room| room.messages.sort_by_key(|message| message.seq));
        Ok(())
    }

    async fn finish(&self) -> Result<()> {
        self.state()?.unfinished = None;
        Ok(())
    }
}
