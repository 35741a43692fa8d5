use std::sync::Arc;

use async_trait::async_trait;

use super::{Memory, Room, State};
use crate::domain::{
    entities::{
        change::Change,
        conversation::{Conversation, ConversationKind, ConversationView, Role, Title},
        ids::{ConversationId, UserId},
        search_text::fold,
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::{
        ChannelPage, ConversationRepository, MemberPage, Membership, NewConversation,
    },
};

impl State {
    fn ensure_exist(&self, users: &[UserId]) -> Result<()> {
        if users.iter().all(|user| self.users.contains_key(user)) {
            return Ok(());
        }
        Err(DomainError::invalid("memberIds", "names somebody who does not exist"))
    }

    fn ensure_title_free(
        &self,
        id: ConversationId,
        kind: ConversationKind,
        title: Option<&Title>,
    ) -> Result<()> {
        if kind != ConversationKind::Channel {
            return Ok(());
        }
        let title = title.ok_or_else(|| DomainError::invalid("title", "must be given for a channel"))?;
        let same = |room: &&Room| {
            room.kind == ConversationKind::Channel
                && room.id != id
                && room.title.as_ref().map(Title::folded) == Some(title.folded())
        };
        if self.rooms.values().any(|room| same(&room)) { Err(DomainError::TitleTaken) } else { Ok(()) }
    }

    /// Adds plain members and tells it.
    pub(super) fn join(
        &mut self,
        id: ConversationId,
        users: &[UserId],
        at: Timestamp,
    ) -> Result<Conversation> {
        let room = self.room_mut(id)?;
        let joined = room.add(users, None, at);
        let told = room.conversation().is_small();
        if told && !joined.is_empty() {
            room.next_rev();
        }
        let conversation = room.conversation();
        if !joined.is_empty() {
            let conversation = Arc::new(conversation.clone());
            self.publish(Change::MembersJoined { conversation, users: joined, told });
        }
        Ok(conversation)
    }

    fn remove_room(&mut self, id: ConversationId) {
        if let Some(room) = self.rooms.remove(&id) {
            for message in room.messages {
                self.places.remove(&message.id);
                self.sends.remove(&(message.sender, message.client_id));
            }
            self.reports.retain(|_, report| report.conversation != id);
            self.publish(Change::ConversationDeleted(id));
        }
    }
}

#[async_trait]
impl ConversationRepository for Memory {
    async fn create(&self, new: &NewConversation) -> Result<(ConversationView, bool)> {
        let mut state = self.state()?;
        let mut users = vec![new.creator];
        users.extend(&new.others);
        state.ensure_exist(&users)?;
        if new.kind == ConversationKind::Direct {
            let same = |room: &&Room| {
                room.kind == ConversationKind::Direct && users.iter().all(|user| room.member(*user).is_some())
            };
            if let Some(room) = state.rooms.values().find(same) {
                return Ok((room.view(new.creator)?, false));
            }
            if new.others.iter().any(|other| state.are_apart(new.creator, *other)) {
                return Err(DomainError::Blocked);
            }
        }
        state.ensure_title_free(new.id, new.kind, new.title.as_ref())?;
        let mut room = Room::new(new.id, new.kind, new.title.clone(), new.created_at);
        let owner = (new.kind != ConversationKind::Direct).then_some(new.creator);
        let members = room.add(&users, owner, new.created_at);
        let view = room.view(new.creator)?;
        state.rooms.insert(new.id, room);
        let conversation = Arc::new(view.conversation.clone());
        state.publish(Change::ConversationCreated { conversation, members });
        Ok((view, true))
    }

    async fn kind_of(&self, id: ConversationId) -> Result<Option<ConversationKind>> {
        match self.state()?.room(id) {
            Ok(room) => Ok(Some(room.kind)),
            Err(DomainError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn membership(&self, id: ConversationId, user: UserId) -> Result<Membership> {
        let state = self.state()?;
        let room = state.room(id)?;
        Ok(Membership {
            kind: room.kind,
            role: room.member(user).ok_or(DomainError::NotMember)?.role,
            member_count: room.conversation().member_count,
            is_general: room.is_general,
            silenced: state.is_silenced(room),
        })
    }

    async fn view(&self, id: ConversationId, user: UserId) -> Result<ConversationView> {
        self.state()?.room(id)?.view(user)
    }

    async fn list(&self, user: UserId) -> Result<Vec<ConversationView>> {
        self.state()?.rooms_of(user).into_iter().map(|room| room.view(user)).collect()
    }

    async fn ids_of(&self, user: UserId) -> Result<Vec<ConversationId>> {
        Ok(self.state()?.rooms_of(user).into_iter().map(|room| room.id).collect())
    }

    async fn general(&self) -> Result<Option<ConversationId>> {
        Ok(self.state()?.rooms.values().find(|room| room.is_general).map(|room| room.id))
    }

    async fn channels(
        &self,
        reader: UserId,
        query: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ChannelPage> {
        let state = self.state()?;
        let query = fold(query);
        let mut found = Vec::new();
        for room in state.rooms.values().filter(|room| room.kind == ConversationKind::Channel) {
            let Some(title) = &room.title else { continue };
            let key = title.folded();
            if fold(title.as_str()).contains(&query) && after.is_none_or(|after| key.as_str() > after) {
                found.push((key, room));
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        let limit = limit.max(1) as usize;
        let next = (found.len() > limit).then(|| found[limit - 1].0.clone());
        found.truncate(limit);
        let as_seen = |room: &Room| {
            room.view(reader).unwrap_or_else(|_| {
                let conversation = Conversation { last_message: None, ..room.conversation() };
                ConversationView { conversation, read_seq: room.last_seq(), muted: false }
            })
        };
        Ok(ChannelPage { channels: found.into_iter().map(|(_, room)| as_seen(room)).collect(), next })
    }

    async fn members(&self, id: ConversationId, after: Option<UserId>, limit: u32) -> Result<MemberPage> {
        let state = self.state()?;
        let room = state.room(id)?;
        let place = after.and_then(|after| room.members.iter().position(|member| member.user == after));
        let mut members: Vec<_> = room.roles().skip(place.map_or(0, |place| place + 1)).collect();
        let limit = limit.max(1) as usize;
        let next = (members.len() > limit).then(|| members[limit - 1].user);
        members.truncate(limit);
        Ok(MemberPage { members, next })
    }

    async fn reads(&self, id: ConversationId) -> Result<Vec<(UserId, u64)>> {
        let state = self.state()?;
        let members = &state.room(id)?.members;
        let mut reads: Vec<_> = members.iter().map(|member| (member.user, member.read_seq)).collect();
        reads.sort_unstable();
        Ok(reads)
    }

    async fn role_of(&self, id: ConversationId, user: UserId) -> Result<Option<Role>> {
        let state = self.state()?;
        Ok(state.rooms.get(&id).and_then(|room| room.member(user)).map(|member| member.role))
    }

    async fn rename(&self, id: ConversationId, title: Option<&Title>) -> Result<Conversation> {
        let mut state = self.state()?;
        let before = state.room(id)?.conversation();
        before.ensure_not_direct()?;
        if before.title.as_ref() == title {
            return Ok(before);
        }
        state.ensure_title_free(id, before.kind, title)?;
        let room = state.room_mut(id)?;
        room.title = title.cloned();
        room.next_rev();
        let conversation = room.conversation();
        state.publish(Change::ConversationUpdated(Arc::new(conversation.clone())));
        Ok(conversation)
    }

    async fn add_members(&self, id: ConversationId, users: &[UserId], at: Timestamp) -> Result<Conversation> {
        let mut state = self.state()?;
        state.room(id)?.conversation().ensure_not_direct()?;
        state.ensure_exist(users)?;
        state.join(id, users, at)
    }

    async fn remove_member(&self, id: ConversationId, user: UserId) -> Result<()> {
        let mut state = self.state()?;
        let room = state.room_mut(id)?;
        room.conversation().ensure_not_direct()?;
        let Some(place) = room.members.iter().position(|member| member.user == user) else { return Ok(()) };
        if room.kind == ConversationKind::Group && room.members.len() == 1 {
            state.remove_room(id);
            return Ok(());
        }
        let gone = room.members.remove(place);
        let mut succeeded = false;
        if gone.role == Role::Owner {
            let admin = room.members.iter().position(|member| member.role == Role::Admin);
            if let Some(heir) = room.members.get_mut(admin.unwrap_or(0)) {
                heir.role = Role::Owner;
                succeeded = true;
            }
        }
        let told = room.conversation().is_small();
        if told || succeeded {
            room.next_rev();
        }
        let conversation = Arc::new(room.conversation());
        state.publish(Change::MemberLeft { conversation: conversation.clone(), user, told });
        if succeeded && !told {
            state.publish(Change::ConversationUpdated(conversation));
        }
        Ok(())
    }

    async fn set_role(&self, id: ConversationId, user: UserId, role: Role) -> Result<Conversation> {
        let mut state = self.state()?;
        let room = state.room_mut(id)?;
        room.conversation().ensure_not_direct()?;
        let held = room.member(user).ok_or(DomainError::NotFound("member"))?.role;
        if !held.becomes(role)? {
            return Ok(room.conversation());
        }
        for member in &mut room.members {
            match member.role {
                _ if member.user == user => member.role = role,
                Role::Owner if role == Role::Owner => member.role = Role::Admin,
                Role::Owner | Role::Admin | Role::Member => {}
            }
        }
        room.next_rev();
        let conversation = room.conversation();
        state.publish(Change::ConversationUpdated(Arc::new(conversation.clone())));
        Ok(conversation)
    }

    async fn delete(&self, id: ConversationId) -> Result<()> {
        self.state()?.remove_room(id);
        Ok(())
    }

    async fn mark_read(&self, id: ConversationId, user: UserId, seq: u64) -> Result<ConversationView> {
        let mut state = self.state()?;
        let room = state.room_mut(id)?;
        let told = room.conversation().is_small();
        let seq = seq.min(room.last_seq());
        let member = room.member_mut(user).ok_or(DomainError::NotMember)?;
        let moved = seq > member.read_seq;
        member.read_seq = member.read_seq.max(seq);
        let was_marked = std::mem::take(&mut member.unread);
        let view = room.view(user)?;
        if moved {
            state.publish(Change::Read { conversation: id, user, seq, told });
        }
        if was_marked {
            state.publish(Change::Marked(user));
        }
        Ok(view)
    }
}
