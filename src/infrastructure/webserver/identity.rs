//! Who makes a request: the session cookie, read once.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use tower_sessions::Session;

use super::{
    problem::HttpError,
    session_store::{IDENTITY, Identity},
};
use crate::domain::{
    entities::{actor::Actor, timestamp::Timestamp, user::User},
    error::{DomainError, Result},
    interfaces::{clock::Clock, id_generator::IdGenerator},
};

/// A session is marked as seen at most this often, in milliseconds: a write for each request would be wasted.
const SEEN_EVERY: i64 = 60_000;

/// Reads and starts sessions.
#[derive(Clone)]
pub struct Identities {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

impl Identities {
    /// Who the session belongs to. Marks it as seen, which rolls its expiry and its cookie.
    pub async fn of(&self, session: &Session) -> Result<Option<Actor>> {
        let Some(mut identity) = session.get::<Identity>(IDENTITY).await.map_err(store_failed)? else {
            return Ok(None);
        };
        let now = self.clock.now().as_millis();
        if now - identity.last_seen_at >= SEEN_EVERY {
            identity.last_seen_at = now;
            session.insert(IDENTITY, &identity).await.map_err(store_failed)?;
        }
        Ok(Some(identity.actor()))
    }

    /// Starts a session under a new id, whatever cookie came with the request.
    pub async fn start(&self, session: &Session, user: &User, headers: &HeaderMap) -> Result<()> {
        let now: Timestamp = self.clock.now();
        let identity = Identity {
            session: self.ids.next(),
            user: user.id.as_uuid(),
            device: device(headers),
            created_at: now.as_millis(),
            last_seen_at: now.as_millis(),
        };
        session.clear().await;
        session.cycle_id().await.map_err(store_failed)?;
        session.insert(IDENTITY, identity).await.map_err(store_failed)?;
        session.save().await.map_err(store_failed)
    }

    /// Ends the session, and takes its cookie out of the browser.
    pub async fn forget(&self, session: &Session) -> Result<()> {
        session.flush().await.map_err(store_failed)
    }
}

fn store_failed(error: tower_sessions::session::Error) -> DomainError {
    DomainError::unavailable(error.to_string())
}

/// What the client calls itself, at most 256 characters.
fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    agent.chars().filter(|c| !c.is_control()).take(256).collect()
}

/// The extractor of every route that needs somebody signed in.
pub struct SignedIn(pub Actor);

/// The extractor of routes that are there for everybody: who is signed in, if anybody is.
pub struct Visitor(pub Option<Actor>);

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let parts = (parts.extensions.get::<Session>(), parts.extensions.get::<Identities>());
        let (Some(session), Some(identities)) = parts else {
            return Err(DomainError::internal("the session layer is missing").into());
        };
        Ok(Self(identities.of(session).await?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let Visitor(actor) = Visitor::from_request_parts(parts, state).await?;
        Ok(Self(actor.ok_or(DomainError::Unauthenticated)?))
    }
}
