//! What every request passes: an id, a log line, metrics, a net for panics, security headers.

use std::{fmt, sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http_body_util::Limited;
use tracing::Instrument;

use super::{problem, routes::attachments::UPLOADS};
use crate::domain::{error::DomainError, interfaces::id_generator::IdGenerator};

/// Names one request in the log and in its errors.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    pub fn new(ids: &dyn IdGenerator) -> Self {
        Self(ids.next().simple().to_string().into())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The outermost layer.
pub async fn observe(State(ids): State<Arc<dyn IdGenerator>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::new(ids.as_ref());
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let started = Instant::now();
    let span = tracing::info_span!("http", request_id = %id, %method, path);
    async move {
        let response = std::panic::AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let response = response.unwrap_or_else(|_| {
            let error = DomainError::internal("a handler panicked");
            problem::HttpError(error).into_response()
        });
        let mut response = finish_problem(response, &id);
        record(&method, &path, &response, started);
        if let Ok(value) = HeaderValue::from_str(&id.0) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
        }
        response
    }
    .instrument(span)
    .await
}

/// Gives a refusal its body, and writes its cause to the log.
fn finish_problem(response: Response, id: &RequestId) -> Response {
    let mut finished = if let Some(error) = response.extensions().get::<Arc<DomainError>>() {
        if let Some(cause) = error.cause() {
            tracing::error!(code = error.code(), %cause, "the request failed");
        }
        problem::render(error, id)
    } else if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let (code, title) = ("method_not_allowed", "this method is not allowed here");
        problem::protocol(StatusCode::METHOD_NOT_ALLOWED, code, title, id)
    } else if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        // Announced as too large, and not even read.
        problem::render(&DomainError::TooLarge, id)
    } else if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        // The session layer answers an empty one when its store fails, and logs the cause.
        problem::render(&DomainError::internal("see the line before"), id)
    } else {
        return response;
    };
    let about_the_body = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::RETRY_AFTER];
    for (name, value) in response.headers() {
        if !about_the_body.contains(name) {
            finished.headers_mut().append(name, value.clone());
        }
    }
    if let Some(route) = response.extensions().get::<MatchedPath>() {
        finished.extensions_mut().insert(route.clone());
    }
    finished
}

fn record(method: &axum::http::Method, path: &str, response: &Response, started: Instant) {
    let route = match response.extensions().get::<MatchedPath>() {
        Some(route) => route.as_str().to_owned(),
        None if path.starts_with("/socket.io") => "/socket.io/".to_owned(),
        None => "other".to_owned(),
    };
    let took = started.elapsed();
    let status = response.status().as_u16();
    // Any token is a method, so an unusual one must not make a series of its own.
    let label = if matches!(method.as_str(), "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")
    {
        method.as_str().to_owned()
    } else {
        "other".to_owned()
    };
    metrics::counter!("chatconnect_http_requests_total", "method" => label, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    if route != "/socket.io/" {
        metrics::histogram!("chatconnect_http_request_duration_seconds", "route" => route).record(took);
    }
    tracing::debug!(status, took_ms = took.as_secs_f64() * 1e3, "answered");
}

/// Puts the matched route where [`record`] finds it.
pub async fn note_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' blob: ws: wss:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";

/// Headers that keep a browser from doing more than the client needs.
pub async fn security_headers(State(https): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    );
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// How many bytes bodies may have; those of uploads are counted where they are read.
pub async fn limit_body(State(limit): State<usize>, request: Request, next: Next) -> Response {
    if request.uri().path() == UPLOADS {
        return next.run(request).await;
    }
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > limit) {
        return problem::HttpError(DomainError::TooLarge).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, limit)))).await
}

/// What the API answers is nobody's to keep.
pub async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
