use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;

use super::{Memory, State, room::shown, sync};
use crate::domain::{
    entities::{
        change::Change,
        ids::{ClientId, ConversationId, MessageId, UserId},
        message::{Body, Emoji, Message, Reaction},
        search_text::{SearchQuery, tokens},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::message_repository::{
        MessagePage, MessageRepository, NewMessage, SearchFilter, SearchPage, SyncLimits, SyncPage, Window,
    },
};

impl State {
    fn message(&self, id: MessageId) -> Option<&Message> {
        let (conversation, seq) = self.places.get(&id)?;
        self.rooms.get(conversation)?.message(*seq)
    }

    /// Changes a message and tells it, unless `change` answers that nothing is to be done.
    fn update(
        &mut self,
        id: MessageId,
        change: impl FnOnce(&mut Message) -> Result<bool>,
    ) -> Result<Message> {
        let not_found = || DomainError::NotFound("message");
        let (conversation, seq) = *self.places.get(&id).ok_or_else(not_found)?;
        let room = self.room_mut(conversation)?;
        let rev = room.rev + 1;
        let message = room.message_mut(seq).ok_or_else(not_found)?;
        if !change(message)? {
            return Ok(shown(message));
        }
        message.rev = rev;
        let message = shown(message);
        room.rev = rev;
        self.publish(Change::MessageUpdated(Arc::new(message.clone())));
        Ok(message)
    }
}

fn react(message: &mut Message, user: UserId, emoji: &Emoji, on: bool) -> Result<bool> {
    if message.is_deleted() {
        return Err(DomainError::MessageDeleted);
    }
    let place = message.reactions.iter().position(|reaction| reaction.emoji == *emoji);
    match (place, on) {
        (None, false) => return Ok(false),
        (None, true) if message.reactions.len() >= Message::MAX_REACTIONS => {
            return Err(DomainError::invalid(
                "emoji",
                "is one too many: this message carries 50 different ones",
            ));
        }
        (None, true) => {
            message.reactions.push(Reaction { emoji: emoji.clone(), count: 1, users: vec![user] });
        }
        (Some(place), on) => {
            let reaction = &mut message.reactions[place];
            if reaction.users.contains(&user) == on {
                return Ok(false);
            }
            if on {
                reaction.users.push(user);
                reaction.count += 1;
            } else {
                reaction.users.retain(|other| *other != user);
                reaction.count -= 1;
            }
            message.reactions.retain(|reaction| reaction.count > 0);
        }
    }
    Ok(true)
}

#[async_trait]
impl MessageRepository for Memory {
    async fn append(&self, new: &NewMessage) -> Result<(Message, bool)> {
        let mut state = self.state()?;
        let send = (new.sender, new.client_id.clone());
        if let Some(original) = state.sends.get(&send).and_then(|id| state.message(*id)) {
            return Ok((shown(original), false));
        }
        let original = new.reply_to.map(|id| state.message(id).map(|message| message.conversation));
        let is_silenced = state.is_silenced(state.room(new.conversation)?);
        let room = state.room_mut(new.conversation)?;
        if room.member(new.sender).is_none() {
            return Err(DomainError::NotMember);
        }
        if is_silenced {
            return Err(DomainError::Blocked);
        }
        if original.is_some_and(|conversation| conversation != Some(new.conversation)) {
            return Err(DomainError::invalid("replyTo", "is not a message of this conversation"));
        }
        let message = Message {
            id: new.id,
            conversation: new.conversation,
            seq: room.last_seq() + 1,
            rev: room.next_rev(),
            sender: new.sender,
            client_id: new.client_id.clone(),
            body: Some(new.body.clone()),
            attachments: new.attachments.clone(),
            reply_to: new.reply_to,
            reactions: Vec::new(),
            created_at: new.created_at,
            edited_at: None,
            deleted_at: None,
        };
        room.messages.push(message.clone());
        if let Some(member) = room.member_mut(new.sender) {
            member.read_seq = message.seq;
        }
        state.places.insert(message.id, (message.conversation, message.seq));
        state.sends.insert(send, message.id);
        state.publish(Change::MessageCreated(Arc::new(message.clone())));
        Ok((message, true))
    }

    async fn find(&self, id: MessageId) -> Result<Option<Message>> {
        Ok(self.state()?.message(id).map(shown))
    }

    async fn find_many(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let state = self.state()?;
        Ok(ids.iter().filter_map(|id| state.message(*id)).map(shown).collect())
    }

    async fn find_sent(&self, sender: UserId, client_id: &ClientId) -> Result<Option<Message>> {
        let state = self.state()?;
        let id = state.sends.get(&(sender, client_id.clone())).copied();
        Ok(id.and_then(|id| state.message(id)).map(shown))
    }

    async fn edit(&self, id: MessageId, body: &Body, at: Timestamp) -> Result<Message> {
        self.state()?.update(id, |message| {
            if message.is_deleted() {
                return Err(DomainError::MessageDeleted);
            }
            if message.body.as_ref() == Some(body) {
                return Ok(false);
            }
            message.body = Some(body.clone());
            message.edited_at = Some(at);
            Ok(true)
        })
    }

    async fn delete(&self, id: MessageId, at: Timestamp) -> Result<Message> {
        self.state()?.update(id, |message| {
            if message.is_deleted() {
                return Ok(false);
            }
            message.body = None;
            message.attachments.clear();
            message.reactions.clear();
            message.deleted_at = Some(at);
            Ok(true)
        })
    }

    async fn react(&self, id: MessageId, user: UserId, emoji: &Emoji, on: bool) -> Result<Message> {
        self.state()?.update(id, |message| react(message, user, emoji, on))
    }

    async fn list(&self, conversation: ConversationId, window: Window, limit: u32) -> Result<MessagePage> {
        let state = self.state()?;
        let (after, before, backwards) = match window {
            Window::Newest => (0, u64::MAX, true),
            Window::Before(before) => (0, before, true),
            Window::After(after) => (after, u64::MAX, false),
            Window::Between { after, before } => (after, before, false),
        };
        let within = |message: &&Message| message.seq > after && message.seq < before;
        let room = state.rooms.get(&conversation);
        let mut messages: Vec<Message> =
            room.into_iter().flat_map(|room| &room.messages).filter(within).map(shown).collect();
        let limit = limit.max(1) as usize;
        let has_more = messages.len() > limit;
        if backwards {
            messages.drain(..messages.len().saturating_sub(limit));
        }
        messages.truncate(limit);
        Ok(MessagePage { messages, has_more })
    }

    async fn sync(
        &self,
        user: UserId,
        cursors: &HashMap<ConversationId, u64>,
        limits: SyncLimits,
    ) -> Result<SyncPage> {
        sync::sync(&*self.state()?, user, cursors, limits)
    }

    async fn search(
        &self,
        user: UserId,
        query: &SearchQuery,
        filter: &SearchFilter,
        before: Option<&str>,
        limit: u32,
    ) -> Result<SearchPage> {
        let invalid = |_| DomainError::invalid("cursor", "is not one that this server gave");
        let before: Option<MessageId> = before.map(str::parse).transpose().map_err(invalid)?;
        let state = self.state()?;
        let mut messages: Vec<Message> = state
            .rooms_of(user)
            .into_iter()
            .filter(|room| filter.conversation.is_none_or(|wanted| room.id == wanted))
            .flat_map(|room| &room.messages)
            .filter(|message| filter.admits(message.sender, message.created_at))
            .filter(|message| filter.has.is_none_or(|has| has.is_in(message)))
            .filter(|message| before.is_none_or(|before| message.id < before))
            .filter(|message| message.body.as_ref().is_some_and(|body| query.matches(&tokens(body.as_str()))))
            .map(shown)
            .collect();
        messages.sort_by_key(|message| std::cmp::Reverse(message.id));
        let limit = limit.max(1) as usize;
        let next = (messages.len() > limit).then(|| messages[limit - 1].id.to_string());
        messages.truncate(limit);
        Ok(SearchPage { messages, next })
    }
}
