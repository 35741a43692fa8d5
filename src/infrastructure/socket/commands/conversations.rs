//! `conversation:…`

use futures_util::future::BoxFuture;

use super::Command;
use crate::adapters::dto::{
    commands::{ConversationRef, Empty, MarkRead},
    responses::Done,
};

pub fn list(command: Command) -> BoxFuture<'static, ()> {
    // There is nothing to say, so saying nothing is fine too.
    command
        .with(async |shared, _, actor, _: Option<Empty>| shared.controllers.conversations.list(actor).await)
}

pub fn create(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| {
        let (response, _) = shared.controllers.conversations.create(actor, input).await?;
        Ok(response)
    })
}

pub fn join(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input: ConversationRef| {
        shared.controllers.conversations.join(actor, &input.conversation_id).await
    })
}

pub fn leave(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input: ConversationRef| {
        shared.controllers.conversations.leave(actor, &input.conversation_id).await?;
        Ok(Done {})
    })
}

pub fn mark_read(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input: MarkRead| {
        shared.controllers.conversations.mark_read(actor, &input.conversation_id, input.seq).await
    })
}
