//! The server, and its administration.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{controllers::SharedControllers, dto::admin::Server},
    infrastructure::webserver::{address::ClientAddress, identity::Visitor, problem::HttpResult},
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new().routes(routes!(server))
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
