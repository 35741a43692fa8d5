//! Accounts and sessions.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use tower_sessions::Session;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::to_the_end;
use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            errors::Problem,
            objects::User,
            requests::{ChangePassword, Login, Register},
            responses::{SessionList, UserResponse},
        },
    },
    domain::entities::user,
    infrastructure::webserver::{
        address::ClientAddress,
        extract::{AnyBody, JsonBody, Path},
        identity::{Identities, SignedIn},
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(change_password))
        .routes(routes!(list_sessions))
        .routes(routes!(revoke_session))
}

/// Opens an account and a session.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth",
    request_body(content((Register = "application/json"), (Register = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = UserResponse), (status = 409, body = Problem, description = "`user.username_taken`"),
        (status = 403, body = Problem, description = "`auth.registration_closed`"),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
async fn register(
    State(controllers): State<SharedControllers>,
    Extension(identities): Extension<Identities>,
    session: Session,
    address: ClientAddress,
    headers: HeaderMap,
    AnyBody(input): AnyBody<Register>,
) -> HttpResult<(StatusCode, Json<UserResponse>)> {
    let user = controllers.auth.register(address.0, input).await?;
    let body = begin(&controllers, &identities, &session, &user, &headers).await?;
    Ok((StatusCode::CREATED, body))
}

/// Opens a session. The same answer in the same time, whether or not the account exists.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth",
    request_body(content((Login = "application/json"), (Login = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = UserResponse), (status = 401, body = Problem, description = "`auth.bad_credentials`"),
        (status = 403, body = Problem, description = "`auth.banned`"), (status = 429, body = Problem)))]
async fn login(
    State(controllers): State<SharedControllers>,
    Extension(identities): Extension<Identities>,
    session: Session,
    address: ClientAddress,
    headers: HeaderMap,
    AnyBody(input): AnyBody<Login>,
) -> HttpResult<Json<UserResponse>> {
    let user = controllers.auth.login(address.0, input).await?;
    begin(&controllers, &identities, &session, &user, &headers).await
}

/// Whoever was signed in with this cookie is signed out, sockets included.
async fn begin(
    controllers: &SharedControllers,
    identities: &Identities,
    session: &Session,
    user: &user::User,
    headers: &HeaderMap,
) -> HttpResult<Json<UserResponse>> {
    if let Some(before) = identities.of(session).await? {
        to_the_end(controllers, async move |controllers| controllers.auth.logout(before).await).await?;
    }
    identities.start(session, user, headers).await?;
    Ok(Json(UserResponse { user: User::from(user) }))
}

/// Ends the session and closes its sockets.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth",
    responses((status = 204), (status = 401, body = Problem)))]
async fn logout(
    State(controllers): State<SharedControllers>,
    Extension(identities): Extension<Identities>,
    SignedIn(actor): SignedIn,
    session: Session,
) -> HttpResult<StatusCode> {
    to_the_end(&controllers, async move |controllers| controllers.auth.logout(actor).await).await?;
    // Takes the cookie out of the browser; the session is gone already.
    identities.forget(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the password and ends every other session.
#[utoipa::path(post, path = "/api/v1/users/me/password", tag = "auth", request_body = ChangePassword,
    responses((status = 204), (status = 401, body = Problem), (status = 422, body = Problem)))]
async fn change_password(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    JsonBody(input): JsonBody<ChangePassword>,
) -> HttpResult<StatusCode> {
    to_the_end(&controllers, async move |controllers| controllers.auth.change_password(actor, input).await)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where you are signed in.
#[utoipa::path(get, path = "/api/v1/users/me/sessions", tag = "auth", responses((status = 200, body = SessionList)))]
async fn list_sessions(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
) -> HttpResult<Json<SessionList>> {
    Ok(Json(controllers.auth.sessions(actor).await?))
}

/// Signs a device out.
#[utoipa::path(delete, path = "/api/v1/users/me/sessions/{id}", tag = "auth", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn revoke_session(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
) -> HttpResult<StatusCode> {
    to_the_end(&controllers, async move |controllers| controllers.auth.revoke_session(actor, &id).await)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
