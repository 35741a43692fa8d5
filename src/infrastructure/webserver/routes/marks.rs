//! What people mark for themselves.

use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            errors::Problem,
            marks::{MarksResponse, SetMarks},
            responses::ConversationResponse,
        },
    },
    infrastructure::webserver::{
        extract::{JsonBody, Path},
        identity::SignedIn,
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set)).routes(routes!(block, unblock))
}

/// Everything that you pinned, muted, marked as unread and blocked.
#[utoipa::path(get, path = "/api/v1/users/me/marks", tag = "marks", responses((status = 200, body = MarksResponse)))]
async fn list(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
) -> HttpResult<Json<MarksResponse>> {
    Ok(Json(controllers.marks.list(actor).await?))
}

/// Pins, mutes or marks a conversation as unread; your other devices are told.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}/me", tag = "marks", params(("id" = String, Path)),
    request_body = SetMarks,
    responses((status = 200, body = ConversationResponse), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn set(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<SetMarks>,
) -> HttpResult<Json<ConversationResponse>> {
    Ok(Json(controllers.marks.set(actor, &id, input).await?))
}

/// Blocks somebody: nobody writes to your direct conversation any more.
#[utoipa::path(put, path = "/api/v1/users/me/blocks/{userId}", tag = "marks", params(("userId" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn block(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(user): Path<String>,
) -> HttpResult<StatusCode> {
    controllers.marks.block(actor, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a block away.
#[utoipa::path(delete, path = "/api/v1/users/me/blocks/{userId}", tag = "marks", params(("userId" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn unblock(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(user): Path<String>,
) -> HttpResult<StatusCode> {
    controllers.marks.unblock(actor, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
