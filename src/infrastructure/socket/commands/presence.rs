//! `presence:watch` and `typing:set`

use futures_util::future::BoxFuture;

use super::Command;
use crate::adapters::{
    dto::responses::Done,
    gateways::socket_publisher::{leave_if_gone, watch_room},
};

/// What a socket watches, among its extensions.
#[derive(Clone)]
struct Watched(Vec<String>);

pub fn watch(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, socket, actor, input| {
        let presence = &shared.controllers.presence;
        let users = presence.watched(actor, input)?;
        let rooms: Vec<String> = users.iter().copied().map(watch_room).collect();
        // Whoever changes while we look is told.
        socket.join(rooms.clone());
        if let Some(Watched(before)) = socket.extensions.insert(Watched(rooms.clone())) {
            socket.leave(before.into_iter().filter(|room| !rooms.contains(room)).collect::<Vec<_>>());
        }
        leave_if_gone(&socket);
        presence.look(&users).await
    })
}

pub fn set_typing(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| {
        shared.controllers.presence.set_typing(actor, input).await?;
        Ok(Done {})
    })
}
