//! Saying something.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        attachment::{self, Claim},
        ids::{ClientId, ConversationId, MessageId},
        message::{Body, Message},
    },
    error::{DomainError, FieldError, Result},
    interfaces::{
        attachment_repository::AttachmentRepository,
        clock::Clock,
        id_generator::IdGenerator,
        message_repository::{MessageRepository, NewMessage},
    },
};

#[derive(Debug)]
pub struct MessageInput {
    pub conversation: ConversationId,
    pub client_id: String,
    pub body: String,
    pub reply_to: Option<MessageId>,
    /// Ids of uploads. With any, the body may be empty.
    pub attachments: Vec<String>,
}

pub struct SendMessage {
    pub attachments: Arc<dyn AttachmentRepository>,
    pub messages: Arc<dyn MessageRepository>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
}

impl SendMessage {
    /// The durable message, and whether it is new. Without files, the first poll of the future queues the write, so
    /// that sends whose futures are polled in order get their `seq` in that order.
    ///
    /// # Errors
    /// `Invalid` with every field that is at fault; `NotFound`; `NotMember`; `Unavailable`.
    pub async fn execute(&self, actor: Actor, input: MessageInput) -> Result<(Message, bool)> {
        let mut errors = Vec::new();
        let client_id = ClientId::parse(&input.client_id)
            .map_err(|_| errors.push(FieldError::new("clientId", "must be a UUID")))
            .ok();
        let has_files = !input.attachments.is_empty();
        let body = if has_files { Body::caption(&input.body) } else { Body::parse(&input.body) };
        let body = body.map_err(|error| errors.push(error)).ok();
        let (Some(client_id), Some(body), []) = (client_id, body, errors.as_slice()) else {
            return Err(DomainError::Invalid(errors));
        };
        let new = NewMessage {
            id: MessageId::from_uuid(self.ids.next()),
            conversation: input.conversation,
            sender: actor.user,
            client_id,
            body,
            attachments: Vec::new(),
            reply_to: input.reply_to,
            created_at: self.clock.now(),
        };
        if has_files {
            // Apart, so that it costs other messages nothing.
            return Box::pin(self.with_files(new, &input.attachments)).await;
        }
        self.messages.append(&new).await
    }

    /// The files are claimed before the message is there, so that no message has files that will be swept.
    async fn with_files(&self, mut new: NewMessage, ids: &[String]) -> Result<(Message, bool)> {
        let ids = attachment::parse_ids(ids)?;
        let claim = Claim { conversation: new.conversation, client_id: new.client_id.clone() };
        let claimed = self.attachments.claim(&ids, new.sender, &claim).await?;
        new.attachments = claimed.ok_or_else(attachment::unknown_ids)?;
        let outcome = self.messages.append(&new).await;
        // What is not known to be refused may be there; a repeat finds its files, and the sweep what is left.
        let unused = match &outcome {
            Ok((message, _)) if message.attachments == new.attachments => return outcome,
            Ok((message, _)) => {
                let has = |id| message.attachments.iter().any(|file| file.id == id);
                ids.iter().copied().filter(|id| !has(*id)).collect()
            }
            Err(DomainError::Unavailable { .. } | DomainError::Internal(_)) => return outcome,
            Err(_) => match self.messages.find_sent(new.sender, &new.client_id).await {
                Ok(None) => ids,
                _ => return outcome,
            },
        };
        drop(self.attachments.release(&unused, new.sender, &new.client_id).await);
        outcome
    }

    /// What the actor sent under this id before, if anything: a repeat is answered with it, whatever else it says now.
    pub async fn original(&self, actor: Actor, client_id: &str) -> Result<Option<Message>> {
        match ClientId::parse(client_id) {
            Ok(client_id) => self.messages.find_sent(actor.user, &client_id).await,
            Err(_) => Ok(None),
        }
    }
}
