//! `message:…`

use futures_util::future::BoxFuture;

use super::Command;

pub fn send(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| {
        let (response, _) = shared.controllers.messages.send(actor, input).await?;
        Ok(response)
    })
}

pub fn edit(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| shared.controllers.messages.edit(actor, input).await)
}

pub fn delete(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| shared.controllers.messages.delete(actor, input).await)
}

pub fn react(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| shared.controllers.messages.react(actor, input).await)
}

pub fn list(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| shared.controllers.messages.list(actor, input).await)
}
