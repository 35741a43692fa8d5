//! Reports of messages.

use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{
            errors::Problem,
            reports::{CloseReport, ReportMessage, ReportPage, ReportQuery},
        },
    },
    infrastructure::webserver::{
        extract::{JsonBody, Path, Query},
        identity::SignedIn,
        problem::HttpResult,
    },
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(list)).routes(routes!(close))
}

/// Tells the administrators that something is wrong with a message; a second time replaces the reason.
#[utoipa::path(post, path = "/api/v1/messages/{id}/reports", tag = "reports", params(("id" = String, Path)),
    request_body = ReportMessage,
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn report(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<ReportMessage>,
) -> HttpResult<StatusCode> {
    controllers.reports.report(actor, &id, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was reported, the newest first; administrators may.
#[utoipa::path(get, path = "/api/v1/admin/reports", tag = "reports", params(ReportQuery),
    responses((status = 200, body = ReportPage), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn list(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Query(query): Query<ReportQuery>,
) -> HttpResult<Json<ReportPage>> {
    Ok(Json(controllers.reports.list(actor, query).await?))
}

/// Closes a report, or deletes its message, which closes all reports of it; administrators may.
#[utoipa::path(patch, path = "/api/v1/admin/reports/{id}", tag = "reports", params(("id" = String, Path)),
    request_body = CloseReport,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
async fn close(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<CloseReport>,
) -> HttpResult<StatusCode> {
    controllers.reports.close(actor, &id, input).await?;
    Ok(StatusCode::NO_CONTENT)
}
