//! Extractors that answer bad input as the contract says.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use super::{
    address::ClientAddress,
    layers::RequestId,
    problem::{self, HttpError},
};
use crate::{
    adapters::dto::decode::{self, DecodeError},
    domain::error::DomainError,
};

/// A JSON body.
pub struct JsonBody<T>(pub T);

/// A JSON body or an HTML form's.
pub struct AnyBody<T>(pub T);

/// A query string.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match kind(&request) {
            Kind::Json => {}
            Kind::Form | Kind::Other => return Err(unsupported(&request)),
        }
        let bytes = read(request, state).await?;
        decode::json(&bytes).map(Self).map_err(refuse)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for AnyBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = kind(&request);
        if kind == Kind::Other {
            return Err(unsupported(&request));
        }
        let bytes = read(request, state).await?;
        let decoded = if kind == Kind::Form { decode::form(&bytes) } else { decode::json(&bytes) };
        decoded.map(Self).map_err(refuse)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let query = parts.uri.query().unwrap_or_default();
        decode::form(query.as_bytes()).map(Self).map_err(|error| HttpError(refusal(error)))
    }
}

/// Parts of the path. One that is no text names nothing that exists.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| HttpError(DomainError::NotFound("object")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let address = parts.extensions.get::<Self>().copied();
        address.ok_or_else(|| DomainError::internal("the address layer is missing").into())
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Other,
}

fn kind(request: &Request) -> Kind {
    let header = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence =
        header.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        _ => Kind::Other,
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Response> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(cause) if cause.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            HttpError(DomainError::TooLarge).into_response()
        }
        _ => HttpError(DomainError::InvalidPayload(Vec::new())).into_response(),
    })
}

fn refusal(error: DecodeError) -> DomainError {
    match error {
        DecodeError::Syntax => DomainError::InvalidPayload(Vec::new()),
        DecodeError::Shape(fields) => DomainError::Invalid(fields),
    }
}

fn refuse(error: DecodeError) -> Response {
    HttpError(refusal(error)).into_response()
}

fn unsupported(request: &Request) -> Response {
    wants(request, "application/json")
}

/// The refusal of a body that is not of this media type.
pub fn wants(request: &Request, media_type: &str) -> Response {
    let Some(id) = request.extensions().get::<RequestId>() else {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    };
    problem::protocol(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        &format!("the body must be {media_type}"),
        id,
    )
}
