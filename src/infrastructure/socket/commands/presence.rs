//! `presence:watch` and `typing:set`

use futures_util::future::BoxFuture;

use super::Command;
use crate::adapters::{dto::responses::Done, gateways::rooms::Room};

/// What a socket watches, among its extensions.
#[derive(Clone)]
struct Watched(Vec<Room>);

pub fn watch(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, socket, actor, input| {
        let presence = &shared.controllers.presence;
        let users = presence.watched(actor, input)?;
        let rooms: Vec<Room> = users.iter().copied().map(Room::Watch).collect();
        // Whoever changes while we look is told.
        shared.rooms.join(socket.id, rooms.iter().copied());
        if let Some(Watched(before)) = socket.extensions.insert(Watched(rooms.clone())) {
            shared.rooms.leave(socket.id, before.into_iter().filter(|room| !rooms.contains(room)));
        }
        presence.look(&users).await
    })
}

pub fn set_typing(command: Command) -> BoxFuture<'static, ()> {
    command.with(async |shared, _, actor, input| {
        shared.controllers.presence.set_typing(actor, input).await?;
        Ok(Done {})
    })
}
