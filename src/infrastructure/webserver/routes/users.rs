//! People.

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use tower_sessions::Session;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::to_the_end;
use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            errors::Problem,
            requests::{CloseAccount, UpdateProfile, UserQuery},
            responses::{UserPage, UserResponse},
        },
    },
    domain::error::DomainError,
    infrastructure::webserver::{
        extract::{JsonBody, Path, Query},
        identity::{Identities, SignedIn},
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new()
        .routes(routes!(me, update, close))
        .routes(routes!(export))
        .routes(routes!(one))
        .routes(routes!(search))
}

/// Yourself.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "users",
    responses((status = 200, body = UserResponse), (status = 401, body = Problem)))]
async fn me(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
) -> HttpResult<Json<UserResponse>> {
    Ok(Json(controllers.users.me(actor).await?))
}

/// Changes what you send of your profile.
#[utoipa::path(patch, path = "/api/v1/users/me", tag = "users", request_body = UpdateProfile,
    responses((status = 200, body = UserResponse), (status = 422, body = Problem)))]
async fn update(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    JsonBody(input): JsonBody<UpdateProfile>,
) -> HttpResult<Json<UserResponse>> {
    Ok(Json(controllers.users.update(actor, input).await?))
}

/// Closes your account: you are signed out everywhere, and leave groups and channels. What you wrote stays.
#[utoipa::path(delete, path = "/api/v1/users/me", tag = "users", request_body = CloseAccount,
    responses((status = 204), (status = 401, body = Problem, description = "`auth.bad_credentials`"),
        (status = 422, body = Problem)))]
async fn close(
    State(controllers): State<SharedControllers>,
    Extension(identities): Extension<Identities>,
    SignedIn(actor): SignedIn,
    session: Session,
    JsonBody(input): JsonBody<CloseAccount>,
) -> HttpResult<StatusCode> {
    to_the_end(&controllers, async move |controllers| controllers.users.close(actor, input).await).await?;
    // Takes the cookie out of the browser; the session is gone already.
    identities.forget(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All that you are and wrote here, as one JSON document: your profile, your sessions, your conversations, each with the
/// messages that you sent.
#[utoipa::path(get, path = "/api/v1/users/me/export", tag = "users",
    responses((status = 200, content_type = "application/json", body = String), (status = 429, body = Problem)))]
async fn export(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
) -> HttpResult<Response> {
    let export = controllers.users.export(actor).await?;
    let name = format!("attachment; filename=\"chatconnect-{}.json\"", export.username());
    let parts = stream::try_unfold(export, async |mut export| {
        Ok::<_, Broken>(export.next().await.map_err(Broken)?.map(|part| (part, export)))
    });
    let headers =
        [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// What was sent so far is cut off, so that nobody takes it for the whole.
#[derive(Debug, thiserror::Error)]
#[error("the export was broken off: {0}")]
struct Broken(DomainError);

/// One person.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = UserResponse), (status = 404, body = Problem)))]
async fn one(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<UserResponse>> {
    Ok(Json(controllers.users.one(actor, &id).await?))
}

/// People to talk to, or the people behind ids.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(UserQuery),
    responses((status = 200, body = UserPage), (status = 422, body = Problem)))]
async fn search(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Query(query): Query<UserQuery>,
) -> HttpResult<Json<UserPage>> {
    Ok(Json(controllers.users.search(actor, query).await?))
}
