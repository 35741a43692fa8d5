//! Saying something.

use std::sync::Arc;

use crate::domain::{
    entities::{
        actor::Actor,
        ids::{ClientId, ConversationId, MessageId},
        message::{Body, Message},
    },
    error::{DomainError, FieldError, Result},
    interfaces::{
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
    pub attachments: Vec<String>,
}

pub struct SendMessage {
    pub messages: Arc<dyn MessageRepository>,
    pub ids: Arc<dyn IdGenerator>,
    pub clock: Arc<dyn Clock>,
}

impl SendMessage {
    /// The durable message, and whether it is new. The first poll of the future queues the write, so that sends
    /// whose futures are polled in order get their `seq` in that order.
    ///
    /// # Errors
    /// `Invalid` with every field that is at fault; `NotFound`; `NotMember`; `Unavailable`.
    pub async fn execute(&self, actor: Actor, input: MessageInput) -> Result<(Message, bool)> {
        let mut errors = Vec::new();
        let client_id = ClientId::parse(&input.client_id)
            .map_err(|_| errors.push(FieldError::new("clientId", "must be a UUID")))
            .ok();
        let body = Body::parse(&input.body).map_err(|error| errors.push(error)).ok();
        if !input.attachments.is_empty() {
            errors.push(FieldError::new("attachmentIds", "there are no such uploads"));
        }
        let (Some(client_id), Some(body), []) = (client_id, body, errors.as_slice()) else {
            return Err(DomainError::Invalid(errors));
        };
        self.messages
            .append(&NewMessage {
                id: MessageId::from_uuid(self.ids.next()),
                conversation: input.conversation,
                sender: actor.user,
                client_id,
                body,
                reply_to: input.reply_to,
                created_at: self.clock.now(),
            })
            .await
    }

    /// What the actor sent under this id before, if anything: a repeat is answered with it, whatever else it says now.
    pub async fn original(&self, actor: Actor, client_id: &str) -> Result<Option<Message>> {
        match ClientId::parse(client_id) {
            Ok(client_id) => self.messages.find_sent(actor.user, &client_id).await,
            Err(_) => Ok(None),
        }
    }
}
