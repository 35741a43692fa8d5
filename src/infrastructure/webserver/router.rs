//! All routes and layers in one place, the innermost first.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{
    address, assets, docs,
    identity::Identities,
    layers,
    origin::{self, Origins},
    routes,
    session_store::RepositoryStore,
};
use crate::{
    adapters::controllers::SharedControllers,
    config::Config,
    domain::interfaces::{
        clock::Clock, health::Health, id_generator::IdGenerator, session_repository::SessionRepository,
    },
    infrastructure::socket::server::SocketServer,
};

/// What the routes and layers are made of.
pub struct Parts {
    pub controllers: SharedControllers,
    pub sessions: Arc<dyn SessionRepository>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
    pub health: Arc<dyn Health>,
    pub metrics: PrometheusHandle,
}

/// The routes that the OpenAPI document describes, and the document.
pub fn api() -> (Router<SharedControllers>, OpenApi) {
    OpenApiRouter::with_openapi(docs::frame())
        .merge(routes::auth::router())
        .merge(routes::attachments::router())
        .merge(routes::users::router())
        .merge(routes::conversations::router())
        .merge(routes::invites::router())
        .merge(routes::messages::router())
        .merge(routes::search::router())
        .merge(routes::admin::router())
        .merge(routes::operations::router())
        .split_for_parts()
}

pub fn router(config: &Config, parts: Parts, socket: &SocketServer) -> Router {
    let (routes, document) = api();
    let https = config.server.public_url.as_ref().is_some_and(|url| url.https);
    let origins = Origins::new(&config.server);
    let identities = Identities { clock: Arc::clone(&parts.clock), ids: Arc::clone(&parts.ids) };
    let trusted: Arc<[ipnet::IpNet]> = config.server.trusted_proxies.clone().into();

    routes
        .with_state(parts.controllers)
        .merge(docs::router(&document))
        .route_layer(from_fn(layers::note_route))
        .route_layer(from_fn(layers::no_store))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(config.server.http_max_body, layers::limit_body))
        .layer(Extension(parts.health))
        .layer(Extension(parts.metrics))
        .layer(socket.layer())
        .layer(from_fn_with_state(socket.gate(identities.clone()), crate::infrastructure::socket::gate::pass))
        .layer(Extension(identities))
        .layer(session_layer(config, parts.sessions, parts.clock, https))
        .layer(from_fn_with_state(origins.clone(), origin::check))
        .layer(origins.cors())
        .layer(from_fn_with_state(trusted, address::resolve))
        .layer(from_fn_with_state(https, layers::security_headers))
        .layer(from_fn_with_state(parts.ids, layers::observe))
}

fn session_layer(
    config: &Config,
    sessions: Arc<dyn SessionRepository>,
    clock: Arc<dyn Clock>,
    https: bool,
) -> SessionManagerLayer<RepositoryStore> {
    let lasts = time::Duration::try_from(config.session.lasts()).unwrap_or(time::Duration::days(30));
    SessionManagerLayer::new(RepositoryStore::new(sessions, clock))
        .with_name(config.session.session_cookie_name.clone())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_secure(https)
        .with_expiry(Expiry::OnInactivity(lasts))
}
