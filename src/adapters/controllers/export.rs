//! One's own data as one JSON document, made while it is sent: no more than a page of messages is held.

use std::{sync::Arc, vec};

use serde::Serialize;

use crate::{
    adapters::dto::{
        objects::{Conversation, Message, Session, User},
        time::Time,
    },
    domain::{
        entities::{actor::Actor, ids::ConversationId},
        error::{DomainError, Result},
        usecases::users::export_own::{Beginning, ExportOwn},
    },
};

pub struct OwnExport {
    source: Arc<ExportOwn>,
    actor: Actor,
    username: String,
    beginning: Option<String>,
    conversations: vec::IntoIter<ConversationId>,
    /// In which conversation it is, and behind which `seq`.
    place: Option<(ConversationId, u64)>,
    /// Whether there is something before the next conversation, or the next message.
    is_later_conversation: bool,
    is_later_message: bool,
    is_ended: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    exported_at: Time,
    user: User,
    sessions: Vec<Session>,
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(DomainError::internal)
}

impl OwnExport {
    pub(super) fn new(source: Arc<ExportOwn>, actor: Actor, beginning: Beginning) -> Result<Self> {
        let Beginning { at, user, sessions, conversations } = beginning;
        let sessions = sessions.iter().map(|session| Session::new(session, session.id == actor.session));
        let head = Head { exported_at: at.into(), user: User::from(&user), sessions: sessions.collect() };
        let mut beginning = json(&head)?;
        beginning.pop();
        beginning.push_str(",\"conversations\":[");
        Ok(Self {
            source,
            actor,
            username: user.username.as_str().to_owned(),
            beginning: Some(beginning),
            conversations: conversations.into_iter(),
            place: None,
            is_later_conversation: false,
            is_later_message: false,
            is_ended: false,
        })
    }

    pub fn username(&self) -> &str {
        &self.username
    }

    /// The next part of the document, `None` at its end.
    ///
    /// # Errors
    /// `Unavailable`; the document is not whole then.
    pub async fn next(&mut self) -> Result<Option<String>> {
        if let Some(beginning) = self.beginning.take() {
            return Ok(Some(beginning));
        }
        if let Some((id, after)) = self.place {
            return self.messages(id, after).await.map(Some);
        }
        for id in self.conversations.by_ref() {
            let Some(view) = self.source.conversation(self.actor.user, id).await? else { continue };
            let comma = if std::mem::replace(&mut self.is_later_conversation, true) { "," } else { "" };
            (self.place, self.is_later_message) = (Some((id, 0)), false);
            let conversation = json(&Conversation::from(&view))?;
            return Ok(Some(format!("{comma}{{\"conversation\":{conversation},\"messages\":[")));
        }
        let is_ended = std::mem::replace(&mut self.is_ended, true);
        Ok((!is_ended).then(|| "]}".to_owned()))
    }

    async fn messages(&mut self, id: ConversationId, after: u64) -> Result<String> {
        let (messages, next) = self.source.messages(self.actor.user, id, after).await?;
        let mut part = String::new();
        for message in &messages {
            if std::mem::replace(&mut self.is_later_message, true) {
                part.push(',');
            }
            part.push_str(&json(&Message::from(message))?);
        }
        self.place = next.map(|next| (id, next));
        if next.is_none() {
            part.push_str("]}");
        }
        Ok(part)
    }
}
