//! Connecting: who it is, what they hear, and what happens when they go.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Deserialize;
use socketioxide::{
    SocketIo,
    adapter::LocalAdapter,
    extract::{SocketRef, TryData},
    handler::{ConnectHandler, FromConnectParts, Value},
    socket::Socket,
};

use super::{
    commands::{ByEntrance, Entrance, Shared, tutorial},
    gate::Link,
    inbox::Inbox,
};
use crate::{
    adapters::{
        dto::{events, facts::SessionReady, objects::User},
        gateways::{
            fact,
            rooms::{Ear, Line, Room},
            socket_publisher::{Place, hang_up},
        },
    },
    config::socket::SocketConfig,
    domain::{
        entities::{actor::Actor, ids::ConversationId, user},
        error::Result,
        interfaces::{clock::Clock, session_repository::SessionRepository},
    },
};

/// What connecting needs.
#[derive(Clone)]
pub struct Handshake {
    pub shared: Arc<Shared>,
    pub sessions: Arc<dyn SessionRepository>,
    pub clock: Arc<dyn Clock>,
    pub config: SocketConfig,
}

/// What a client says when it connects. Only the tutorial's says anything.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Auth {
    server_offset: Option<u64>,
}

/// Why a connection was refused; the client sees the text.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("unauthenticated")]
    Unauthenticated,
    #[error("unavailable")]
    Unavailable,
}

/// What the middleware found out, for the handler.
#[derive(Clone)]
struct Arrival {
    link: Arc<Link>,
    actor: Actor,
    user: Arc<user::User>,
    /// Those that the person was in when the socket was admitted.
    conversations: Arc<[ConversationId]>,
    /// What [`Rooms::moves`](crate::adapters::gateways::rooms::Rooms::moves) said before they were looked up.
    moves: u64,
    inbox: Arc<Inbox>,
    attendance: Arc<Attendance>,
}

/// Whether a socket was counted as present, so that a quick disconnect is neither missed nor counted twice.
#[derive(Default)]
struct Attendance(Mutex<Phase>);

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Coming,
    Counted,
    Gone,
}

impl Attendance {
    /// Counts the socket; `false` when it has left already.
    fn arrive(&self, count: impl FnOnce()) -> bool {
        let mut phase = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_coming = *phase == Phase::Coming;
        if is_coming {
            *phase = Phase::Counted;
            count();
        }
        is_coming
    }

    /// Whether the socket had been counted.
    fn leave(&self) -> bool {
        let mut phase = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *phase, Phase::Gone) == Phase::Counted
    }
}

/// Serves the root namespace.
pub fn serve(io: &SocketIo, handshake: Handshake) {
    let admit = {
        let handshake = handshake.clone();
        async move |socket: SocketRef| handshake.admit(socket).await
    };
    // `ns` answers nothing for the local adapter.
    io.ns("/", handshake.with(admit));
}

/// Tells the library's handler trait apart from its implementation for closures.
pub struct ByHandshake;

impl ConnectHandler<LocalAdapter, ByHandshake> for Handshake {
    /// After the client was told that it is connected, synchronously: it hears of the session first, and then
    /// everything that happens, without a moment in between.
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, auth: Option<Value>) {
        let Ok(TryData(auth)) = TryData::<Auth>::from_connect_parts(&socket, &auth);
        let socket = SocketRef::from(socket);
        let Some(arrival) = socket.extensions.remove::<Arrival>() else { return };
        self.welcome(&socket, &arrival);
        let handshake = self.clone();
        tokio::spawn(async move { handshake.settle(socket, arrival, auth.unwrap_or_default()).await });
    }
}

impl Handshake {
    /// Before the client is told that it is connected. The events' handler must be in place by then, or the first
    /// ones would be lost.
    async fn admit(&self, socket: SocketRef) -> std::result::Result<(), Refusal> {
        let link =
            socket.req_parts().extensions.get::<Arc<Link>>().cloned().ok_or(Refusal::Unauthenticated)?;
        let admitted = self.prepare(&socket, &link).await;
        if admitted.is_err() {
            // Neither the library nor every client hangs up.
            let_go(link);
        }
        admitted
    }

    async fn prepare(&self, socket: &SocketRef, link: &Arc<Link>) -> std::result::Result<(), Refusal> {
        let actor = link.actor.ok_or(Refusal::Unauthenticated)?;
        let _turn = self.shared.crowd.acquire().await;
        if link.is_gone() {
            // It waited too long; others wait still.
            return Err(Refusal::Unavailable);
        }
        let moves = self.shared.rooms.moves();
        let user = self.who(link, actor).await.map_err(|error| {
            tracing::warn!(%error, cause = ?error.cause(), "a connection could not be admitted");
            Refusal::Unavailable
        })?;
        let (user, conversations) = user.ok_or(Refusal::Unauthenticated)?;
        let max_bytes =
            usize::try_from(self.config.socket_max_payload.saturating_mul(2)).unwrap_or(usize::MAX);
        let inbox = Inbox::new(self.config.socket_pending, max_bytes);
        let attendance = Arc::new(Attendance::default());
        let (line, rooms) = (Arc::<Link>::clone(link), Arc::clone(&self.shared.rooms));
        socket.extensions.insert(Place { line, rooms });
        socket.extensions.insert(Arrival {
            link: Arc::clone(link),
            actor,
            user: Arc::new(user),
            conversations: conversations.into(),
            moves,
            inbox: Arc::clone(&inbox),
            attendance: Arc::clone(&attendance),
        });
        let (shared, farewell) = (Arc::clone(&self.shared), Arc::clone(link));
        link.feeds(Arc::clone(&inbox));
        let entrance = Entrance { shared: Arc::clone(&shared), inbox: Arc::clone(&inbox), actor };
        socket.on_fallback::<_, ByEntrance>(entrance);
        let id = socket.id;
        socket.on_disconnect(async move || {
            shared.rooms.remove(id);
            inbox.end();
            let_go(farewell);
            if attendance.leave() {
                metrics::gauge!("chatconnect_sockets").decrement(1.0);
                let presence = &shared.controllers.presence;
                presence.track.disconnected(actor.user);
                if !presence.track.is_online(actor.user) {
                    presence.typing.stop(actor.user).await;
                }
            }
        });
        Ok(())
    }

    /// The person behind a session that is still there, and where they talk.
    async fn who(&self, link: &Link, actor: Actor) -> Result<Option<(user::User, Vec<ConversationId>)>> {
        if !self.session_lives(link).await? {
            return Ok(None);
        }
        let controllers = &self.shared.controllers;
        let Some(user) = controllers.users.find.users.find(actor.user).await? else { return Ok(None) };
        Ok(Some((user, controllers.conversations.list.ids(actor).await?)))
    }

    async fn session_lives(&self, link: &Link) -> Result<bool> {
        match &link.key {
            Some(key) => Ok(self.sessions.find(key, self.clock.now()).await?.is_some()),
            None => Ok(false),
        }
    }

    fn welcome(&self, socket: &SocketRef, arrival: &Arrival) {
        let ready =
            SessionReady { user: User::from(arrival.user.as_ref()), server_time: self.clock.now().into() };
        // What is told beneath the library comes after it.
        let wire = arrival.link.wire(&fact::beginning(events::SESSION_READY));
        if let Err(error) = socket.emit(events::SESSION_READY, &ready) {
            tracing::debug!(%error, "a socket was gone before it was ready");
        }
        let actor = arrival.actor;
        let ear = Ear::new(socket.clone(), actor.user, Arc::<Link>::clone(&arrival.link), wire);
        let own = [Room::User(actor.user), Room::Session(actor.session)];
        self.shared.rooms.enter(&ear, rooms(&arrival.conversations).chain(own));
        let is_here = arrival.attendance.arrive(|| {
            metrics::gauge!("chatconnect_sockets").increment(1.0);
            self.shared.controllers.presence.track.connected(actor.user);
        });
        if !is_here {
            self.shared.rooms.remove(socket.id);
        }
    }

    /// Puts right what changed while the socket was connecting, and lets its commands begin.
    async fn settle(&self, socket: SocketRef, arrival: Arrival, auth: Auth) {
        match self.look_again(&socket, &arrival).await {
            Ok(true) => {}
            Ok(false) => return hang_up(&socket),
            Err(error) => {
                tracing::warn!(%error, cause = ?error.cause(), "a socket could not settle");
                return hang_up(&socket);
            }
        }
        if let Some(offset) = auth.server_offset
            && let Err(error) = tutorial::recover(&self.shared, &socket, arrival.actor, offset).await
        {
            tracing::debug!(%error, "a tutorial client could not catch up");
        }
        arrival.inbox.open();
    }

    /// The rooms were chosen before the socket was in its person's room, through which later changes reach it. Answers
    /// `false` when the session has ended meanwhile.
    async fn look_again(&self, socket: &SocketRef, arrival: &Arrival) -> Result<bool> {
        let mut known = arrival.moves;
        let mut before = arrival.conversations.to_vec();
        for _ in 0..LOOKS {
            let moves = self.shared.rooms.moves();
            if moves == known {
                return Ok(true);
            }
            let now = self.shared.controllers.conversations.list.ids(arrival.actor).await?;
            let joined: Vec<ConversationId> = now.iter().filter(|id| !before.contains(id)).copied().collect();
            let left: Vec<ConversationId> = before.iter().filter(|id| !now.contains(id)).copied().collect();
            self.shared.rooms.join(socket.id, rooms(&joined));
            self.shared.rooms.leave(socket.id, rooms(&left));
            if !self.session_lives(&arrival.link).await? {
                return Ok(false);
            }
            // Whoever is moved while we look is moved by what we found; so that is looked at, too.
            (known, before) = (moves, now);
        }
        Ok(true)
    }
}

/// How often a socket that has just come looks for what moved meanwhile: where people are moved all the time, it must end.
const LOOKS: usize = 4;

/// How long a connection that serves nobody any more may stay.
const LINGER: Duration = Duration::from_secs(10);

/// Ends the connection of a socket that was refused or has said good-bye, unless its client does so first.
fn let_go(link: Arc<Link>) {
    tokio::spawn(async move {
        tokio::time::sleep(LINGER).await;
        link.cut();
    });
}

fn rooms(ids: &[ConversationId]) -> impl Iterator<Item = Room> {
    ids.iter().copied().map(Room::Conversation)
}
