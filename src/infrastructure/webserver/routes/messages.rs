//! Messages of a conversation.

use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            commands::{ListMessages, SendMessage},
            errors::Problem,
            requests::{MessageQuery, PostMessage},
            responses::{MessagePage, MessageResponse},
        },
    },
    infrastructure::webserver::{
        extract::{JsonBody, Path, Query},
        identity::SignedIn,
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new().routes(routes!(list, send)).routes(routes!(one))
}

/// A page of messages, ascending by `seq`; the newest ones without `before`, `after` and `since`.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "messages",
    params(("id" = String, Path), MessageQuery),
    responses((status = 200, body = MessagePage), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn list(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(conversation_id): Path<String>,
    Query(query): Query<MessageQuery>,
) -> HttpResult<Json<MessagePage>> {
    let MessageQuery { before, after, since, limit } = query;
    let input = ListMessages { conversation_id, before, after, since, limit };
    Ok(Json(controllers.messages.list(actor, input).await?))
}

/// One message of a conversation that you are in.
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = String, Path)),
    responses((status = 200, body = MessageResponse), (status = 404, body = Problem)))]
async fn one(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<MessageResponse>> {
    Ok(Json(controllers.messages.one(actor, &id).await?))
}

/// Sends a message; a repeat of the same `clientId` answers the first one with 200.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = String, Path)),
    request_body = PostMessage,
    responses((status = 201, body = MessageResponse), (status = 200, body = MessageResponse),
        (status = 403, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
async fn send(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(conversation_id): Path<String>,
    JsonBody(input): JsonBody<PostMessage>,
) -> HttpResult<(StatusCode, Json<MessageResponse>)> {
    let PostMessage { client_id, body, reply_to, attachment_ids } = input;
    let input = SendMessage { conversation_id, client_id, body, reply_to, attachment_ids };
    let (response, new) = controllers.messages.send(actor, input).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(response)))
}
