//! For operators and their machines.

use std::sync::Arc;

use axum::{
    Extension,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::controllers::SharedControllers,
    domain::interfaces::health::Health,
    infrastructure::webserver::{layers::RequestId, problem},
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(metrics))
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = str)))]
async fn healthz() -> &'static str {
    "ok\n"
}

const NOT_READY: &str = "the database cannot be reached, or takes no writes";

/// The server can serve: its database takes reads and writes.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = str), (status = 503, body = crate::adapters::dto::errors::Problem)))]
async fn readyz(
    Extension(health): Extension<Arc<dyn Health>>,
    Extension(id): Extension<RequestId>,
) -> Response {
    match health.ready().await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => {
            tracing::warn!(cause = ?error.cause(), "{NOT_READY}");
            problem::protocol(StatusCode::SERVICE_UNAVAILABLE, error.code(), NOT_READY, &id)
        }
    }
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = str)))]
async fn metrics(Extension(handle): Extension<PrometheusHandle>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
}
