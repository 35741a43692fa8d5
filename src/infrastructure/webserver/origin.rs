//! Cross-site requests: unsafe methods and Socket.IO handshakes that carry a foreign `Origin` are refused.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::problem::HttpError;
use crate::{
    config::server::{Origin, ServerConfig},
    domain::error::DomainError,
};

/// Which origins may use the cookie.
#[derive(Debug, Clone)]
pub struct Origins {
    /// The server's own; without it, whatever the `Host` header says.
    public: Option<Origin>,
    allowed: Arc<[Origin]>,
}

impl Origins {
    pub fn new(config: &ServerConfig) -> Self {
        Self {
            public: config.public_url.as_ref().map(|url| url.origin.clone()),
            allowed: config.allowed_origins.clone().into(),
        }
    }

    fn allows(&self, origin: &str, headers: &HeaderMap) -> bool {
        let own = match &self.public {
            Some(public) => origin == public.as_str(),
            None => headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| {
                origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host)
            }),
        };
        own || self.allowed.iter().any(|allowed| allowed.as_str() == origin)
    }

    /// CORS for the allow-list, with credentials.
    pub fn cors(&self) -> CorsLayer {
        let list: Vec<HeaderValue> =
            self.allowed.iter().filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok()).collect();
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(list))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers([header::CONTENT_TYPE])
            .expose_headers([HeaderName::from_static("x-request-id"), header::RETRY_AFTER])
            .max_age(std::time::Duration::from_secs(600))
    }
}

/// A request without `Origin` (curl, native apps) carries no browser's cookies against its user's will.
pub async fn check(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let handshake = request.uri().path().starts_with("/socket.io");
    if let Some(origin) = request.headers().get(header::ORIGIN).filter(|_| !safe || handshake) {
        let allowed = origin.to_str().is_ok_and(|origin| origins.allows(origin, request.headers()));
        if !allowed {
            return HttpError(DomainError::Forbidden).into_response();
        }
    }
    next.run(request).await
}
