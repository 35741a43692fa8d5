//! Messages.

use std::{collections::HashMap, sync::Arc};

use super::{known, page_limit};
use crate::{
    adapters::dto::{
        commands::{DeleteMessage, EditMessage, ListMessages, ReactMessage, SendMessage, SyncRequest},
        objects::Message,
        requests::SearchQuery,
        responses::{MessagePage, MessageResponse, SearchHit, SearchPage, SyncResult},
        time,
    },
    domain::{
        entities::{actor::Actor, ids::ConversationId, message, snippet},
        error::{DomainError, Result},
        interfaces::{
            message_repository::{Has, SearchFilter},
            rate_limiter::{Action, RateLimiter, Subject},
        },
        usecases::messages,
    },
};

pub struct MessageController {
    pub send: messages::send::SendMessage,
    pub edit: messages::edit::EditMessage,
    pub delete: messages::delete::DeleteMessage,
    pub react: messages::react::ReactToMessage,
    pub find: messages::find::FindMessage,
    pub list: messages::list::ListMessages,
    pub sync: messages::sync::Sync,
    pub search: messages::search::SearchMessages,
    pub limiter: Arc<dyn RateLimiter>,
}

impl MessageController {
    /// The message, and whether it is new. The first poll queues the write (see `MessageRepository::append`).
    pub async fn send(&self, actor: Actor, input: SendMessage) -> Result<(MessageResponse, bool)> {
        self.may(Action::SendMessage, actor)?;
        let client_id = input.client_id.clone();
        match self.send_new(actor, input).await {
            // A repeat is a repeat, also when it could not be sent as it is now.
            Err(error @ (DomainError::Invalid(_) | DomainError::NotFound(_))) => {
                let original = self.send.original(actor, &client_id).await?;
                original.map(|message| (response(&message), false)).ok_or(error)
            }
            outcome => outcome,
        }
    }

    async fn send_new(&self, actor: Actor, input: SendMessage) -> Result<(MessageResponse, bool)> {
        let reply_to = match &input.reply_to {
            Some(id) => Some(
                id.parse()
                    .map_err(|_| DomainError::invalid("replyTo", "is not a message of this conversation"))?,
            ),
            None => None,
        };
        let input = messages::send::MessageInput {
            conversation: known(&input.conversation_id, "conversation")?,
            client_id: input.client_id,
            body: input.body,
            reply_to,
            attachments: input.attachment_ids.unwrap_or_default(),
        };
        let (message, new) = self.send.execute(actor, input).await?;
        Ok((response(&message), new))
    }

    pub async fn one(&self, actor: Actor, id: &str) -> Result<MessageResponse> {
        self.may(Action::Read, actor)?;
        Ok(response(&self.find.execute(actor, known(id, "message")?).await?))
    }

    pub async fn edit(&self, actor: Actor, input: EditMessage) -> Result<MessageResponse> {
        self.may(Action::Write, actor)?;
        let id = known(&input.message_id, "message")?;
        Ok(response(&self.edit.execute(actor, id, &input.body).await?))
    }

    pub async fn delete(&self, actor: Actor, input: DeleteMessage) -> Result<MessageResponse> {
        self.may(Action::Write, actor)?;
        Ok(response(&self.delete.execute(actor, known(&input.message_id, "message")?).await?))
    }

    pub async fn react(&self, actor: Actor, input: ReactMessage) -> Result<MessageResponse> {
        self.may(Action::Write, actor)?;
        let id = known(&input.message_id, "message")?;
        Ok(response(&self.react.execute(actor, id, &input.emoji, input.on).await?))
    }

    pub async fn list(&self, actor: Actor, input: ListMessages) -> Result<MessagePage> {
        self.may(Action::Read, actor)?;
        let id = known(&input.conversation_id, "conversation")?;
        let since = input.since.as_deref().map(|since| time::parse("since", since)).transpose()?;
        let page = self.list.execute(actor, id, input.before, input.after, since, input.limit).await?;
        Ok(MessagePage {
            messages: page.messages.iter().map(Message::from).collect(),
            has_more: page.has_more,
        })
    }

    /// Cursors of ids that this server never made come back as `removed`.
    pub async fn sync(&self, actor: Actor, input: SyncRequest) -> Result<SyncResult> {
        self.may(Action::Read, actor)?;
        if input.cursors.len() > messages::sync::Sync::MAX_CURSORS {
            return Err(DomainError::invalid("cursors", "must be at most 10,000"));
        }
        let mut cursors: HashMap<ConversationId, u64> = HashMap::with_capacity(input.cursors.len());
        let mut unknown = Vec::new();
        for (id, rev) in input.cursors {
            match id.parse() {
                Ok(id) => drop(cursors.insert(id, rev)),
                Err(_) => unknown.push(id),
            }
        }
        let mut result = SyncResult::from(self.sync.execute(actor, &cursors).await?);
        result.removed.append(&mut unknown);
        Ok(result)
    }

    pub async fn search(&self, actor: Actor, input: SearchQuery) -> Result<SearchPage> {
        self.may(Action::Search, actor)?;
        let at = |field, text: Option<&str>| text.map(|text| time::parse(field, text)).transpose();
        let filter = SearchFilter {
            conversation: input.conversation_id.as_deref().map(|id| known(id, "conversation")).transpose()?,
            sender: input.sender_id.as_deref().map(|id| known(id, "user")).transpose()?,
            since: at("since", input.since.as_deref())?,
            until: at("until", input.until.as_deref())?,
            has: input.has.as_deref().map(has).transpose()?,
        };
        let limit = page_limit(input.limit)?;
        let (page, query) =
            self.search.execute(actor, &input.q, &filter, input.cursor.as_deref(), limit).await?;
        let hits = page.messages.iter().map(|message| SearchHit {
            snippet: message
                .body
                .as_ref()
                .map_or_else(String::new, |b| snippet::snippet(b.as_str(), &query, 200)),
            message: Message::from(message),
        });
        Ok(SearchPage { hits: hits.collect(), next_cursor: page.next })
    }

    fn may(&self, action: Action, actor: Actor) -> Result<()> {
        self.limiter.check(action, &Subject::User(actor.user))
    }
}

fn has(text: &str) -> Result<Has> {
    Has::parse(text).ok_or_else(|| DomainError::invalid("has", "must be file, image, video, audio or link"))
}

fn response(message: &message::Message) -> MessageResponse {
    MessageResponse { message: Message::from(message) }
}
