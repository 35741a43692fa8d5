//! Finding messages.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    adapters::{
        controllers::SharedControllers,
        dto::{errors::Problem, requests::SearchQuery, responses::SearchPage},
    },
    infrastructure::webserver::{extract::Query, identity::SignedIn, problem::HttpResult},
};

pub fn router() -> OpenApiRouter<SharedControllers> {
    OpenApiRouter::new().routes(routes!(search))
}

/// Messages of your conversations in which all words occur, the newest first.
#[utoipa::path(get, path = "/api/v1/search", tag = "messages", params(SearchQuery),
    responses((status = 200, body = SearchPage), (status = 422, body = Problem)))]
async fn search(
    State(controllers): State<SharedControllers>,
    SignedIn(actor): SignedIn,
    Query(query): Query<SearchQuery>,
) -> HttpResult<Json<SearchPage>> {
    Ok(Json(controllers.messages.search(actor, query).await?))
}
