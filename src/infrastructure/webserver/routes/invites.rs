//! Links that lead into a group or channel.

use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            errors::Problem,
            requests::CreateInvite,
            responses::{ConversationResponse, InviteList, InvitePreview, InviteResponse},
        },
    },
    infrastructure::webserver::{
        address::ClientAddress,
        extract::{JsonBody, Path},
        identity::{SignedIn, Visitor},
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .routes(routes!(look))
        .routes(routes!(accept))
}

/// The open invitations to a conversation, the newest first; owners and admins may.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/invites", tag = "invites", params(("id" = String, Path)),
    responses((status = 200, body = InviteList), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn list(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<InviteList>> {
    Ok(Json(controllers.invites.list(actor, &id).await?))
}

/// A new invitation; owners and admins may.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/invites", tag = "invites", params(("id" = String, Path)),
    request_body = CreateInvite,
    responses((status = 201, body = InviteResponse), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn create(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<CreateInvite>,
) -> HttpResult<(StatusCode, Json<InviteResponse>)> {
    Ok((StatusCode::CREATED, Json(controllers.invites.create(actor, &id, input).await?)))
}

/// Takes an invitation back; owners and admins may.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/invites/{inviteId}", tag = "invites",
    params(("id" = String, Path), ("inviteId" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn revoke(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path((id, invite)): Path<(String, String)>,
) -> HttpResult<StatusCode> {
    controllers.invites.revoke(actor, &id, &invite).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an invitation leads to; for everybody.
#[utoipa::path(get, path = "/api/v1/invites/{id}", tag = "invites", params(("id" = String, Path)),
    responses((status = 200, body = InvitePreview), (status = 404, body = Problem)))]
async fn look(
    State(controllers): State<SharedControllers>,
    Visitor(actor): Visitor,
    address: ClientAddress,
    Path(id): Path<String>,
) -> HttpResult<Json<InvitePreview>> {
    Ok(Json(controllers.invites.look(actor, address.0, &id).await?))
}

/// Joins by an invitation.
#[utoipa::path(post, path = "/api/v1/invites/{id}/join", tag = "invites", params(("id" = String, Path)),
    responses((status = 200, body = ConversationResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn accept(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<ConversationResponse>> {
    Ok(Json(controllers.invites.accept(actor, &id).await?))
}
