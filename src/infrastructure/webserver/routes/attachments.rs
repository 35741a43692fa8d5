//! Files: handing them in and looking at them.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequest, Multipart, Request, State, multipart::Field},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use tracing::Instrument;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{errors::Problem, requests::UploadForm, responses::AttachmentResponse},
    },
    domain::{
        entities::actor::Actor,
        error::{DomainError, Result},
        interfaces::upload_source::UploadSource,
        usecases::attachments::upload::UploadInput,
    },
    infrastructure::webserver::{
        extract::{self, Path},
        files::{self, File},
        identity::SignedIn,
        problem::{HttpError, HttpResult},
    },
};

/// Where bodies may be as large as a file.
pub const UPLOADS: &str = "/api/v1/attachments";

/// What there may be around a file in its body.
const AROUND: u64 = 64 << 10;

/// How long the next bytes of a file are waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client that is refused gets this long to send the rest: many read no answer before.
const LINGER: Duration = Duration::from_secs(3);

/// Other parts of a form, and the bytes of each.
const MOST_PARTS: usize = 16;
const MOST_TEXT: usize = 64;

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(open, take_back))
        .routes(routes!(thumbnail))
        .routes(routes!(avatar))
}

/// Hands in a file, which a message may take afterwards. Metadata of images, such as places, is removed.
#[utoipa::path(post, path = "/api/v1/attachments", tag = "attachments",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentResponse), (status = 413, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
async fn upload(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    request: Request,
) -> Result<(StatusCode, Json<AttachmentResponse>), Response> {
    // In a task of its own: when the client goes away, what it sent is still thrown away in order.
    let work = async move { receive(controllers, actor, request).await }.in_current_span();
    let response = match tokio::spawn(work).await {
        Ok(outcome) => outcome?,
        Err(error) => return Err(HttpError(DomainError::internal(error)).into_response()),
    };
    Ok((StatusCode::CREATED, Json(response)))
}

async fn receive(
    controllers: SharedControllers,
    actor: Actor,
    request: Request,
) -> Result<AttachmentResponse, Response> {
    let limit = controllers.attachments.upload.limits.bytes;
    let refused = |error| HttpError(error).into_response();
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > limit + AROUND) {
        let mut body = request.into_body().into_data_stream();
        let rest = async { while let Some(Ok(_)) = body.next().await {} };
        drop(tokio::time::timeout(LINGER, rest).await);
        return Err(refused(DomainError::AttachmentTooLarge { limit }));
    }
    let unsupported = extract::wants(&request, "multipart/form-data");
    let mut form = match Multipart::from_request(request, &()).await {
        Ok(form) => form,
        Err(_) => return Err(unsupported),
    };
    let outcome = read_form(&controllers, actor, &mut form).await;
    if !matches!(outcome, Ok(_) | Err(DomainError::InvalidPayload(_))) {
        drop(tokio::time::timeout(LINGER, discard(&mut form)).await);
    }
    outcome.map_err(refused)
}

/// The fields before the file, and the file.
async fn read_form(
    controllers: &SharedControllers,
    actor: Actor,
    form: &mut Multipart,
) -> Result<AttachmentResponse> {
    let mut input = UploadInput::default();
    for _ in 0..MOST_PARTS {
        let next = tokio::time::timeout(PATIENCE, form.next_field()).await;
        let Some(mut field) = next.map_err(|_| broken_off())?.map_err(|_| broken_off())? else { break };
        let place = match field.name() {
            Some("file") => {
                input.name = field.file_name().unwrap_or_default().to_owned();
                return controllers.attachments.upload(actor, &input, &mut Incoming(field)).await;
            }
            Some("durationMs") => Some(&mut input.duration_ms),
            Some("width") => Some(&mut input.width),
            Some("height") => Some(&mut input.height),
            _ => None,
        };
        let (mut text, mut taken) = (Vec::new(), 0);
        while let Some(part) = next_part(&mut field).await? {
            taken += part.len() as u64;
            if taken > AROUND {
                return Err(DomainError::TooLarge);
            }
            // What is longer than any number is none, and said to be so.
            text.extend(part.into_iter().take(MOST_TEXT.saturating_sub(text.len())));
        }
        if let Some(place) = place {
            *place = Some(String::from_utf8_lossy(&text).into_owned());
        }
    }
    Err(DomainError::invalid("file", "must be there, behind the other fields"))
}

async fn discard(form: &mut Multipart) {
    while let Ok(Some(mut field)) = form.next_field().await {
        while let Ok(Some(_)) = field.chunk().await {}
    }
}

fn broken_off() -> DomainError {
    DomainError::InvalidPayload(Vec::new())
}

async fn next_part(field: &mut Field<'_>) -> Result<Option<Vec<u8>>> {
    let part = tokio::time::timeout(PATIENCE, field.chunk()).await.map_err(|_| broken_off())?;
    part.map(|part| part.map(Vec::from)).map_err(|_| broken_off())
}

struct Incoming<'a>(Field<'a>);

#[async_trait::async_trait]
impl UploadSource for Incoming<'_> {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        next_part(&mut self.0).await
    }
}

/// A file: for its uploader until a message has it, and then for the members of the conversation.
#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "attachments", params(("id" = String, Path)),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 206, description = "The range that was asked for"), (status = 304), (status = 404, body = Problem),
        (status = 416)))]
async fn open(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> HttpResult<Response> {
    let attachment = controllers.attachments.open(actor, &id).await?;
    let file = File::of(&attachment);
    let id = attachment.id;
    Ok(files::serve(&file, &headers, async move |range| controllers.attachments.read(id, range).await)
        .await?)
}

/// Takes back what one has uploaded and no message has.
#[utoipa::path(delete, path = "/api/v1/attachments/{id}", tag = "attachments", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn take_back(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<StatusCode> {
    controllers.attachments.take_back(actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A smaller picture of an image.
#[utoipa::path(get, path = "/api/v1/attachments/{id}/thumbnail", tag = "attachments", params(("id" = String, Path)),
    responses((status = 200, description = "JPEG or PNG", content_type = "image/jpeg"), (status = 404, body = Problem)))]
async fn thumbnail(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> HttpResult<Response> {
    let bytes = controllers.attachments.thumbnail(actor, &id).await?;
    Ok(files::serve_picture(&format!("{id}-thumbnail"), bytes, &headers).await?)
}

/// Somebody's picture.
#[utoipa::path(get, path = "/api/v1/avatars/{id}", tag = "attachments", params(("id" = String, Path)),
    responses((status = 200, description = "JPEG or PNG", content_type = "image/jpeg"), (status = 404, body = Problem)))]
async fn avatar(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> HttpResult<Response> {
    let bytes = controllers.attachments.avatar(actor, &id).await?;
    Ok(files::serve_picture(&format!("{id}-avatar"), bytes, &headers).await?)
}
