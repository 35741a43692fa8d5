use async_trait::async_trait;

use super::{Memory, Room, State};
use crate::domain::{
    entities::{
        change::Change,
        conversation::{ConversationKind, ConversationView},
        ids::{ConversationId, UserId},
        marks::{MarkPatch, Marks},
    },
    error::{DomainError, Result},
    interfaces::mark_repository::MarkRepository,
};

impl State {
    /// Whether one of two people has blocked the other.
    pub(super) fn are_apart(&self, one: UserId, other: UserId) -> bool {
        self.blocks.contains(&(one, other)) || self.blocks.contains(&(other, one))
    }

    /// Whether the two of a direct conversation may not write there.
    pub(super) fn is_silenced(&self, room: &Room) -> bool {
        match (room.kind, room.members.as_slice()) {
            (ConversationKind::Direct, [one, other]) => self.are_apart(one.user, other.user),
            _ => false,
        }
    }
}

#[async_trait]
impl MarkRepository for Memory {
    async fn of(&self, user: UserId) -> Result<Marks> {
        let state = self.state()?;
        let mut marks = Marks::default();
        for room in state.rooms_of(user) {
            let Some(member) = room.member(user) else { continue };
            marks.pinned.extend(member.pinned.then_some(room.id));
            marks.unread.extend(member.unread.then_some(room.id));
            marks.muted.extend(member.muted.then_some(room.id));
        }
        for list in [&mut marks.pinned, &mut marks.unread, &mut marks.muted] {
            list.sort_unstable();
        }
        marks.blocked =
            state.blocks.iter().filter(|(blocker, _)| *blocker == user).map(|(_, other)| *other).collect();
        Ok(marks)
    }

    async fn set(&self, id: ConversationId, user: UserId, patch: MarkPatch) -> Result<ConversationView> {
        let mut state = self.state()?;
        let is_pinned = |room: &Room| room.member(user).is_some_and(|member| member.pinned);
        let others = state.rooms.values().filter(|room| room.id != id && is_pinned(room)).count();
        let room = state.room_mut(id)?;
        let member = room.member_mut(user).ok_or(DomainError::NotMember)?;
        let before = (member.muted, member.pinned, member.unread);
        if patch.pinned == Some(true) && !member.pinned && others >= Marks::MAX_PINNED {
            return Err(Marks::too_many_pinned());
        }
        member.muted = patch.muted.unwrap_or(member.muted);
        member.pinned = patch.pinned.unwrap_or(member.pinned);
        member.unread = patch.unread.unwrap_or(member.unread);
        let changed = before != (member.muted, member.pinned, member.unread);
        let view = room.view(user)?;
        if changed {
            state.publish(Change::Marked(user));
        }
        Ok(view)
    }

    async fn block(&self, user: UserId, other: UserId) -> Result<()> {
        let mut state = self.state()?;
        if !state.users.contains_key(&other) {
            return Err(DomainError::NotFound("user"));
        }
        if state.blocks.contains(&(user, other)) {
            return Ok(());
        }
        if state.blocks.iter().filter(|(blocker, _)| *blocker == user).count() >= Marks::MAX_BLOCKED {
            return Err(Marks::too_many_blocked());
        }
        state.blocks.insert((user, other));
        state.publish(Change::Marked(user));
        Ok(())
    }

    async fn unblock(&self, user: UserId, other: UserId) -> Result<()> {
        let mut state = self.state()?;
        if state.blocks.remove(&(user, other)) {
            state.publish(Change::Marked(user));
        }
        Ok(())
    }

    async fn forget(&self, user: UserId) -> Result<()> {
        let mut state = self.state()?;
        for member in state.rooms.values_mut().filter_map(|room| room.member_mut(user)) {
            (member.muted, member.pinned, member.unread) = (false, false, false);
        }
        let blockers: Vec<UserId> =
            state.blocks.iter().filter(|(_, other)| *other == user).map(|(blocker, _)| *blocker).collect();
        state.blocks.retain(|(blocker, other)| *blocker != user && *other != user);
        blockers.into_iter().for_each(|blocker| state.publish(Change::Marked(blocker)));
        Ok(())
    }

    async fn is_blocked_by_any(&self, user: UserId, people: &[UserId]) -> Result<bool> {
        let state = self.state()?;
        Ok(people.iter().any(|person| state.blocks.contains(&(*person, user))))
    }
}
