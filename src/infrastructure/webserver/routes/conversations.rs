//! Conversations and their members.

use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            commands::CreateConversation,
            errors::Problem,
            requests::{AddMembers, ChannelQuery, PageQuery, SetRole, UpdateConversation},
            responses::{ChannelPage, ConversationList, ConversationResponse, MemberPage, ReadPositions},
        },
    },
    infrastructure::webserver::{
        extract::{JsonBody, Path, Query},
        identity::SignedIn,
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, update, remove))
        .routes(routes!(members, add_members))
        .routes(routes!(set_role, remove_member))
        .routes(routes!(reads))
        .routes(routes!(join))
        .routes(routes!(channels))
}

/// Your conversations, the newest activity first.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations",
    responses((status = 200, body = ConversationList)))]
async fn list(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
) -> HttpResult<Json<ConversationList>> {
    Ok(Json(controllers.conversations.list(actor).await?))
}

/// Starts a conversation. A direct one that exists is answered with 200.
#[utoipa::path(post, path = "/api/v1/conversations", tag = "conversations", request_body = CreateConversation,
    responses((status = 201, body = ConversationResponse), (status = 200, body = ConversationResponse),
        (status = 409, body = Problem, description = "`conversation.title_taken`"), (status = 422, body = Problem)))]
async fn create(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    JsonBody(input): JsonBody<CreateConversation>,
) -> HttpResult<(StatusCode, Json<ConversationResponse>)> {
    let (response, new) = controllers.conversations.create(actor, input).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(response)))
}

/// One conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = ConversationResponse), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn one(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<ConversationResponse>> {
    Ok(Json(controllers.conversations.one(actor, &id).await?))
}

/// Another title; owners and admins may.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    request_body = UpdateConversation,
    responses((status = 200, body = ConversationResponse), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn update(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<UpdateConversation>,
) -> HttpResult<Json<ConversationResponse>> {
    Ok(Json(controllers.conversations.update(actor, &id, input).await?))
}

/// Deletes it with all its messages; the owner may.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem)))]
async fn remove(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<StatusCode> {
    controllers.conversations.delete(actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Its members, a page at a time.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/members", tag = "conversations",
    params(("id" = String, Path), PageQuery), responses((status = 200, body = MemberPage), (status = 403, body = Problem)))]
async fn members(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> HttpResult<Json<MemberPage>> {
    Ok(Json(controllers.conversations.members(actor, &id, page).await?))
}

/// How far its members have read; empty where there are more than 100.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/reads", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = ReadPositions), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn reads(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<ReadPositions>> {
    Ok(Json(controllers.conversations.reads(actor, &id).await?))
}

/// Adds people; owners and admins may.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/members", tag = "conversations", params(("id" = String, Path)),
    request_body = AddMembers,
    responses((status = 200, body = ConversationResponse), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn add_members(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<AddMembers>,
) -> HttpResult<Json<ConversationResponse>> {
    Ok(Json(controllers.conversations.add_members(actor, &id, input).await?))
}

/// Gives a member another role; the owner may. Who becomes owner makes an admin of the one before.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}/members/{userId}", tag = "conversations",
    params(("id" = String, Path), ("userId" = String, Path)), request_body = SetRole,
    responses((status = 200, body = ConversationResponse), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn set_role(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path((id, user)): Path<(String, String)>,
    JsonBody(input): JsonBody<SetRole>,
) -> HttpResult<Json<ConversationResponse>> {
    Ok(Json(controllers.conversations.set_role(actor, &id, &user, input).await?))
}

/// Takes somebody out, or leaves.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/members/{userId}", tag = "conversations",
    params(("id" = String, Path), ("userId" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn remove_member(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path((id, user)): Path<(String, String)>,
) -> HttpResult<StatusCode> {
    controllers.conversations.remove_member(actor, &id, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Joins a public channel.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/join", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = ConversationResponse), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn join(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<ConversationResponse>> {
    Ok(Json(controllers.conversations.join(actor, &id).await?))
}

/// Channels that anybody may join.
#[utoipa::path(get, path = "/api/v1/channels", tag = "conversations", params(ChannelQuery),
    responses((status = 200, body = ChannelPage)))]
async fn channels(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Query(query): Query<ChannelQuery>,
) -> HttpResult<Json<ChannelPage>> {
    Ok(Json(controllers.conversations.channels(actor, query).await?))
}
