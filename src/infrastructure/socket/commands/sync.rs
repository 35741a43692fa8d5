//! `sync`

use futures_util::future::BoxFuture;

use super::Command;

pub fn sync(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| {
        let _turn = shared.crowd.acquire().await;
        shared.controllers.messages.sync(actor, input).await
    })
}
