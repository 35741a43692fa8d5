//! `presence:watch` and `typing:set`

use futures_util::future::BoxFuture;

use super::Command;
use crate::adapters::{dto::responses::Done, gateways::socket_publisher::watch_room};

/// What a socket watches, among its extensions.
#[derive(Clone)]
struct Watched(Vec<String>);

pub fn watch(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, socket, actor, input| {
        let (presence, users) = shared.controllers.presence.watch(actor, input).await?;
        let rooms: Vec<String> = users.into_iter().map(watch_room).collect();
        if let Some(Watched(before)) = socket.extensions.insert(Watched(rooms.clone())) {
            socket.leave(before);
        }
        socket.join(rooms);
        Ok(presence)
    })
}

pub fn set_typing(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| {
        shared.controllers.presence.set_typing(actor, input).await?;
        Ok(Done {})
    })
}
