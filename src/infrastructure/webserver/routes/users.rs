//! People.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            errors::Problem,
            requests::{UpdateProfile, UserQuery},
            responses::{UserPage, UserResponse},
        },
    },
    infrastructure::webserver::{
        extract::{JsonBody, Path, Query},
        identity::SignedIn,
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new().routes(routes!(me, update)).routes(routes!(one)).routes(routes!(search))
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
