//! Errors over HTTP: `application/problem+json` (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::layers::RequestId;
use crate::{adapters::dto::errors::Problem, domain::error::DomainError};

/// A refusal on its way out. The request's id is filled in by [`super::layers::finish_problem`].
#[derive(Debug)]
pub struct HttpError(pub DomainError);

pub type HttpResult<T> = Result<T, HttpError>;

impl From<DomainError> for HttpError {
    fn from(error: DomainError) -> Self {
        Self(error)
    }
}

/// One status for each error; no `_`, so that a new error must choose one.
pub fn status(error: &DomainError) -> StatusCode {
    match error {
        DomainError::Unauthenticated | DomainError::BadCredentials => StatusCode::UNAUTHORIZED,
        DomainError::Banned
        | DomainError::RegistrationClosed
        | DomainError::Forbidden
        | DomainError::NotMember => StatusCode::FORBIDDEN,
        DomainError::NotFound(_) | DomainError::UnknownEvent => StatusCode::NOT_FOUND,
        DomainError::UsernameTaken
        | DomainError::TitleTaken
        | DomainError::DirectFixed
        | DomainError::MessageDeleted => StatusCode::CONFLICT,
        DomainError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        DomainError::InvalidPayload(_) => StatusCode::BAD_REQUEST,
        DomainError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        DomainError::TooLarge | DomainError::AttachmentTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        DomainError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        DomainError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self.0));
        response
    }
}

/// The finished problem.
pub fn render(error: &DomainError, id: &RequestId) -> Response {
    let status = status(error);
    let problem = Problem::new(error, status.as_u16(), id.to_string());
    let mut response = respond(status, &problem);
    if let Some(wait) = error.retry_after() {
        // Whole seconds, rounded up (RFC 9110, section 10.2.3).
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A problem that only HTTP knows: a wrong method, an unknown kind of body.
pub fn protocol(status: StatusCode, code: &str, title: &str, id: &RequestId) -> Response {
    respond(
        status,
        &Problem {
            r#type: "about:blank".to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            request_id: id.to_string(),
            fields: None,
            retry_after_ms: None,
        },
    )
}

fn respond(status: StatusCode, problem: &Problem) -> Response {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))], body)
        .into_response()
}
