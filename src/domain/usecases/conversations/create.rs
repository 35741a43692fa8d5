//! Starting a conversation.

use std::{collections::BTreeSet, sync::Arc};

use crate::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, ConversationView, Title},
        ids::{ConversationId, UserId},
    },
    error::{DomainError, FieldError, Result},
    interfaces::{
        clock::Clock,
        conversation_repository::{ConversationRepository, NewConversation},
        id_generator::IdGenerator,
        mark_repository::MarkRepository,
    },
};

#[derive(Debug)]
pub struct ConversationInput {
    pub kind: String,
    pub title: Option<String>,
    pub members: Vec<UserId>,
}

pub struct CreateConversation {
    pub conversations: Arc<dyn ConversationRepository>,
    pub marks: Arc<dyn MarkRepository>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
    /// Most members that a group may have.
    pub max_group_members: usize,
}

impl CreateConversation {
    /// The conversation, and whether it is new: a direct conversation that exists is never doubled.
    ///
    /// # Errors
    /// `Invalid` with every field that is at fault; `TitleTaken` for a channel; `Blocked` when one of them has blocked
    /// the actor, or in a new direct conversation the other way round.
    pub async fn execute(&self, actor: Actor, input: ConversationInput) -> Result<(ConversationView, bool)> {
        let mut errors = Vec::new();
        let kind = ConversationKind::parse(&input.kind);
        if kind.is_none() {
            errors.push(FieldError::new("kind", "must be direct, group or channel"));
        }
        let title = match input.title.as_deref().map(Title::parse).transpose() {
            Ok(title) => title,
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let others: BTreeSet<UserId> = input.members.into_iter().filter(|id| *id != actor.user).collect();
        match kind {
            Some(ConversationKind::Direct) if others.len() != 1 => {
                errors.push(FieldError::new("memberIds", "must name the one other person"));
            }
            Some(ConversationKind::Direct) if input.title.is_some() => {
                errors.push(FieldError::new("title", "a direct conversation has none"));
            }
            Some(ConversationKind::Channel) if input.title.is_none() => {
                errors.push(FieldError::new("title", "is required for a channel"));
            }
            _ if others.len() >= self.max_group_members => {
                errors.push(FieldError::new("memberIds", "are too many"));
            }
            _ => {}
        }
        let Some(kind) = kind.filter(|_| errors.is_empty()) else {
            return Err(DomainError::Invalid(errors));
        };
        let others: Vec<UserId> = others.into_iter().collect();
        // For a direct conversation the repository asks: one that exists is answered all the same.
        if kind != ConversationKind::Direct && self.marks.is_blocked_by_any(actor.user, &others).await? {
            return Err(DomainError::Blocked);
        }
        self.conversations
            .create(&NewConversation {
                id: ConversationId::from_uuid(self.ids.next()),
                kind,
                title,
                creator: actor.user,
                others,
                created_at: self.clock.now(),
            })
            .await
    }
}
