//! The server, and its administration.

use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::to_the_end;
use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            admin::{
                AccountQuery, AdminAccountPage, AdminAccountResponse, AdminChannelPage, AdminChannelResponse,
                Figures, NewPassword, RenameChannel, Server, Settings, UpdateAccount,
            },
            errors::Problem,
            requests::ChannelQuery,
        },
    },
    infrastructure::webserver::{
        address::ClientAddress,
        extract::{JsonBody, Path, Query},
        identity::{SignedIn, Visitor},
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new()
        .routes(routes!(server))
        .routes(routes!(settings))
        .routes(routes!(figures))
        .routes(routes!(users))
        .routes(routes!(update_user, delete_user))
        .routes(routes!(reset_password))
        .routes(routes!(channels))
        .routes(routes!(rename_channel, delete_channel))
}

/// Who may open an account here, and whether you are an administrator; for everybody.
#[utoipa::path(get, path = "/api/v1/server", tag = "server", responses((status = 200, body = Server)))]
async fn server(
    State(controllers): State<SharedControllers>,
    Visitor(actor): Visitor,
    address: ClientAddress,
) -> HttpResult<Json<Server>> {
    Ok(Json(controllers.admin.server(actor, address.0).await?))
}

/// Decides who may open an account. Administrators may.
#[utoipa::path(patch, path = "/api/v1/admin/settings", tag = "admin", request_body = Settings,
    responses((status = 200, body = Settings), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn settings(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    JsonBody(input): JsonBody<Settings>,
) -> HttpResult<Json<Settings>> {
    Ok(Json(controllers.admin.settings(actor, input).await?))
}

/// How much there is. Administrators may.
#[utoipa::path(get, path = "/api/v1/admin/figures", tag = "admin",
    responses((status = 200, body = Figures), (status = 403, body = Problem)))]
async fn figures(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
) -> HttpResult<Json<Figures>> {
    Ok(Json(controllers.admin.figures(actor).await?))
}

/// Accounts, by the beginning of a name; banned people too. Administrators may.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "admin", params(AccountQuery),
    responses((status = 200, body = AdminAccountPage), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn users(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Query(query): Query<AccountQuery>,
) -> HttpResult<Json<AdminAccountPage>> {
    Ok(Json(controllers.admin.users(actor, query).await?))
}

/// Makes somebody an administrator or no more, bans them or lets them in again. Administrators may.
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", tag = "admin", params(("id" = String, Path)),
    request_body = UpdateAccount, responses((status = 200, body = AdminAccountResponse),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn update_user(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<UpdateAccount>,
) -> HttpResult<Json<AdminAccountResponse>> {
    let changed = to_the_end(&controllers, async move |controllers| {
        controllers.admin.update_user(actor, &id, input).await
    });
    Ok(Json(changed.await?))
}

/// Closes somebody's account; what they wrote stays. Administrators may, but not those of administrators.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}", tag = "admin", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn delete_user(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<StatusCode> {
    to_the_end(&controllers, async move |controllers| controllers.admin.delete_user(actor, &id).await)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives somebody a new password, which is told once, and signs them out everywhere. Administrators may.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/password", tag = "admin", params(("id" = String, Path)),
    responses((status = 200, body = NewPassword), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn reset_password(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<Json<NewPassword>> {
    let reset =
        to_the_end(&controllers, async move |controllers| controllers.admin.reset_password(actor, &id).await);
    Ok(Json(reset.await?))
}

/// All channels, by a part of the title. Administrators may.
#[utoipa::path(get, path = "/api/v1/admin/channels", tag = "admin", params(ChannelQuery),
    responses((status = 200, body = AdminChannelPage), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn channels(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Query(query): Query<ChannelQuery>,
) -> HttpResult<Json<AdminChannelPage>> {
    Ok(Json(controllers.admin.channels(actor, query).await?))
}

/// Gives a channel another title. Administrators may.
#[utoipa::path(patch, path = "/api/v1/admin/channels/{id}", tag = "admin", params(("id" = String, Path)),
    request_body = RenameChannel, responses((status = 200, body = AdminChannelResponse),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn rename_channel(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<RenameChannel>,
) -> HttpResult<Json<AdminChannelResponse>> {
    Ok(Json(controllers.admin.rename_channel(actor, &id, input).await?))
}

/// Deletes a channel with all its messages. Administrators may.
#[utoipa::path(delete, path = "/api/v1/admin/channels/{id}", tag = "admin", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn delete_channel(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<StatusCode> {
    to_the_end(&controllers, async move |controllers| controllers.admin.delete_channel(actor, &id).await)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
