//! The entrance: who opens a Socket.IO connection, and that nobody else uses it.
//!
//! `socket.id` is the Engine.IO session id, and the library asks no more of a polling request than to know it. So
//! each id is bound here to the session of its handshake, and a request of anybody else finds no such session.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use hyper::upgrade::OnUpgrade;
use moka::sync::Cache;
use tokio::sync::Semaphore;
use tower_sessions::Session;

use super::inbox::Inbox;
use crate::{
    adapters::gateways::rooms::{Line, Wire},
    domain::{
        entities::{actor::Actor, ids::SessionId, session::SessionKey},
        error::{DomainError, Result},
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
    },
    infrastructure::webserver::{
        address::ClientAddress, assets, connection::Peer, identity::Identities, problem::HttpError,
        session_store, wire::WireHandle,
    },
};

/// What a socket's handshake left behind for its later requests, and for whoever must end it.
#[derive(Debug)]
pub struct Link {
    /// Who opened it; `None` gets as far as being refused.
    pub actor: Option<Actor>,
    /// What the session of `actor` is known by.
    pub key: Option<SessionKey>,
    state: Mutex<LinkState>,
}

#[derive(Debug, Default)]
struct LinkState {
    /// The WebSocket's connection, and those that asked to become it.
    websockets: Vec<WireHandle>,
    inbox: Option<Arc<Inbox>>,
    cut: bool,
}

impl Link {
    fn new(actor: Option<Actor>, key: Option<SessionKey>, websocket: Option<WireHandle>) -> Arc<Self> {
        let websockets = websocket.into_iter().collect();
        Arc::new(Self { actor, key, state: Mutex::new(LinkState { websockets, ..LinkState::default() }) })
    }

    fn state(&self) -> MutexGuard<'_, LinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_cut(&self) -> bool {
        self.state().cut
    }

    /// Whether one more connection may try to become the WebSocket.
    fn upgrading(&self, connection: WireHandle) -> bool {
        let mut state = self.state();
        if state.cut || state.websockets.len() >= MAX_UPGRADES {
            return false;
        }
        state.websockets.push(connection);
        true
    }

    /// The WebSocket that it came with has ended already.
    pub fn is_gone(&self) -> bool {
        let state = self.state();
        state.cut || matches!(state.websockets.as_slice(), [wire] if wire.is_gone())
    }

    /// What takes facts beneath the library, once a frame that begins with `first` was written: the WebSocket of a client
    /// that came with it. One that began with polling has none, for the library may hold something for it still.
    pub fn wire(&self, first: &[u8]) -> Option<Box<dyn Wire>> {
        let wire = match self.state().websockets.as_slice() {
            [wire] => wire.clone(),
            _ => return None,
        };
        wire.opens_after(first).then(|| Box::new(wire) as _)
    }

    /// Whose commands end with the link.
    pub fn feeds(&self, inbox: Arc<Inbox>) {
        self.state().inbox = Some(inbox);
    }
}

impl Line for Link {
    /// A WebSocket's connection fails from now on, a polling client finds its session gone, and no command of either is
    /// handled any more.
    fn cut(&self) {
        let (websockets, inbox) = {
            let mut state = self.state();
            state.cut = true;
            (std::mem::take(&mut state.websockets), state.inbox.take())
        };
        if let Some(inbox) = inbox {
            inbox.close();
        }
        websockets.iter().for_each(WireHandle::cut);
    }

    fn session(&self) -> Option<(SessionId, SessionKey)> {
        Some((self.actor?.session, self.key?))
    }
}

impl Wire for WireHandle {
    fn push(&self, frame: &bytes::Bytes) -> bool {
        Self::push(self, frame)
    }

    fn flush(&self) {
        Self::flush(self);
    }
}

/// Upgrades that one session may try.
const MAX_UPGRADES: usize = 4;

/// The links of all sockets that began with polling, by Engine.IO session id.
#[derive(Clone)]
pub struct Bindings(Cache<String, Arc<Link>>);

impl Bindings {
    /// `idle` is longer than a healthy client pauses between two polling requests.
    pub fn new(idle: Duration) -> Self {
        Self(Cache::builder().time_to_idle(idle).build())
    }
}

#[derive(Clone)]
pub struct Gate {
    pub identities: Identities,
    pub bindings: Bindings,
    pub limiter: Arc<dyn RateLimiter>,
    pub crowd: Arc<Semaphore>,
}

/// What a Socket.IO request says in its query.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query<'a> {
    sid: Option<&'a str>,
    websocket: bool,
}

/// Leaves of a handshake what the library still needs. It keeps the request for as long as the connection lives, and
/// its address and headers are slices of the buffer into which the connection was read: each kept alive all of it.
fn lighten(request: &mut Request) {
    if let Ok(uri) = request.uri().to_string().parse() {
        *request.uri_mut() = uri;
    }
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    let key = key.and_then(|key| HeaderValue::from_bytes(key).ok());
    *request.headers_mut() =
        key.into_iter().map(|key| (header::SEC_WEBSOCKET_KEY, key)).collect::<HeaderMap>();
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    request.extensions_mut().clear();
    if let Some(upgrade) = upgrade {
        request.extensions_mut().insert(upgrade);
    }
}

/// Reads the raw text, as the library does. `None` when it could read one of its parameters in another way than we do:
/// one that is given twice, or written with `%`.
fn query(text: &str) -> Option<Query<'_>> {
    const OURS: [&str; 3] = ["sid", "transport", "EIO"];
    let mut query = Query::default();
    let mut seen = Vec::new();
    for part in text.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if !OURS.contains(&name) {
            let decoded = url::form_urlencoded::parse(name.as_bytes()).next();
            match decoded {
                Some((decoded, _)) if OURS.contains(&decoded.as_ref()) => return None,
                _ => continue,
            }
        }
        if seen.contains(&name) || value.contains(['%', '=']) {
            return None;
        }
        seen.push(name);
        match name {
            "sid" => query.sid = Some(value),
            "transport" => query.websocket = value == "websocket",
            _ => {}
        }
    }
    Some(query)
}

/// Lets other requests through untouched.
pub async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/socket.io") {
        return next.run(request).await;
    }
    if request.uri().path().trim_start_matches('/') == assets::CLIENT {
        let (parts, _) = request.into_parts();
        return assets::serve(parts.method, parts.uri, parts.headers).await;
    }
    let Some(session) = request.extensions().get::<Session>().cloned() else {
        return HttpError(DomainError::internal("the session layer is missing")).into_response();
    };
    let text = request.uri().query().unwrap_or_default().to_owned();
    let Some(query) = query(&text) else { return unknown_session() };
    if query.sid.is_none()
        && let Err(error) = gate.limit(&request)
    {
        return HttpError(error).into_response();
    }
    let actor = {
        let _turn = match query.sid {
            Some(_) => None,
            None => Some(gate.crowd.acquire().await),
        };
        match gate.identities.of(&session).await {
            Ok(actor) => actor,
            Err(error) => return HttpError(error).into_response(),
        }
    };
    let connection = request.extensions().get::<ConnectInfo<Peer>>().map(|peer| peer.0.connection.clone());
    match query.sid {
        Some(sid) => {
            let link = gate.bindings.0.get(sid).filter(|link| link.actor == actor && !link.is_cut());
            let Some(link) = link else { return unknown_session() };
            if let (true, Some(connection)) = (query.websocket, connection)
                && !link.upgrading(connection)
            {
                return unknown_session();
            }
            if query.websocket {
                lighten(&mut request);
            }
            next.run(request).await
        }
        None => {
            let key =
                request.extensions().get::<Session>().and_then(Session::id).map(|id| session_store::key(&id));
            let websocket = connection.filter(|_| query.websocket);
            if let Some(websocket) = &websocket {
                websocket.expects_frames();
            }
            let link = Link::new(actor, key, websocket);
            lighten(&mut request);
            request.extensions_mut().insert(Arc::clone(&link));
            let response = next.run(request).await;
            if query.websocket { response } else { gate.bind(response, link).await }
        }
    }
}

impl Gate {
    fn limit(&self, request: &Request) -> Result<()> {
        match request.extensions().get::<ClientAddress>() {
            Some(address) => self.limiter.check(Action::Connect, &Subject::Address(address.0)),
            None => Ok(()),
        }
    }

    /// Reads the new session's id out of the answer to a polling handshake (a few hundred bytes).
    async fn bind(&self, response: Response, link: Arc<Link>) -> Response {
        if response.status() != StatusCode::OK {
            return response;
        }
        let (parts, body) = response.into_parts();
        let bytes = match body.collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) => return HttpError(DomainError::internal(error.to_string())).into_response(),
        };
        match session_id(&bytes) {
            Some(sid) => self.bindings.0.insert(sid, link),
            None => {
                return HttpError(DomainError::internal("a handshake without a session id")).into_response();
            }
        }
        Response::from_parts(parts, Body::from(bytes))
    }
}

/// `0{"sid":"…",…}` in Engine.IO 4, with a length and a colon before it in Engine.IO 3.
fn session_id(open_packet: &Bytes) -> Option<String> {
    let text = std::str::from_utf8(open_packet).ok()?;
    let json: serde_json::Value = serde_json::from_str(text.get(text.find('{')?..)?).ok()?;
    json.get("sid")?.as_str().map(str::to_owned)
}

/// What Engine.IO answers for a session that it does not know, in each of these cases: an outsider learns nothing.
fn unknown_session() -> Response {
    let body = r#"{"code":1,"message":"Session ID unknown"}"#;
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_can_be_read_in_two_ways_is_refused() {
        let plain = query("EIO=4&transport=polling&sid=abc&t=x").unwrap();
        assert_eq!(plain, Query { sid: Some("abc"), websocket: false });
        assert_eq!(query("EIO=4&transport=websocket").unwrap(), Query { sid: None, websocket: true });
        assert_eq!(query("").unwrap(), Query::default());
        let own = query("a=1&a=2&na%20me=x%3D&transport=polling&sid=abc").unwrap();
        assert_eq!(own.sid, Some("abc"), "what clients add is theirs");
        for text in [
            "EIO=4&transport=polling&%73id=mine&sid=theirs",
            "EIO=4&transport=polling&%73id=mine",
            "transport=polling&sid=mine&sid=theirs",
            "transport=polling&transport=websocket",
            "transport=polling&sid=a%62c",
            "transport=polling&sid=mine=theirs",
        ] {
            assert_eq!(query(text), None, "{text}");
        }
    }

    #[test]
    fn the_session_id_is_read_from_both_protocols() {
        for text in [r#"0{"sid":"abc","upgrades":["websocket"]}"#, r#"97:0{"sid":"abc","upgrades":[]}"#] {
            assert_eq!(session_id(&Bytes::from_static(text.as_bytes())).as_deref(), Some("abc"));
        }
        for text in ["", "0", "{", "0{}", "\u{ff}"] {
            assert_eq!(session_id(&Bytes::copy_from_slice(text.as_bytes())), None, "{text}");
        }
    }
}
