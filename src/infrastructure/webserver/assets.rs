//! The web client, built into the binary.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem::HttpError;
use crate::domain::error::DomainError;

/// `web/dist`, in debug builds too: what is tested is what is served.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Assets;

/// Where the Socket.IO client for plain pages is served, as every Socket.IO server does it; the web build puts it there.
pub const CLIENT: &str = "socket.io/socket.io.js";

/// Everything that is no other route: a file of the web client, or its start page, which then shows what the
/// address says.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" || (path.starts_with("socket.io") && path != CLIENT) {
        return HttpError(DomainError::NotFound("route")).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let named = if path.is_empty() { None } else { Assets::get(path).map(|file| (path, file)) };
    match named {
        Some((path, file)) => respond(path, file, &headers),
        // A page in place of a file, such as a hashed one of another build, would only confuse.
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            HttpError(DomainError::NotFound("file")).into_response()
        }
        None => match Assets::get("index.html") {
            Some(file) => respond("index.html", file, &headers),
            None => (StatusCode::NOT_FOUND, "The web client is not built: run `make run`.\n").into_response(),
        },
    }
}

fn respond(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> Response {
    let (file, encoding) = encoded(path, plain, headers);
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if matches(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(file.data));
        let kind = mime(path);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// The smallest form that the client takes; the build makes the compressed ones.
fn encoded(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> (EmbeddedFile, Option<&'static str>) {
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(headers, encoding)
            && let Some(file) = Assets::get(&format!("{path}{ending}"))
        {
            return (file, Some(encoding));
        }
    }
    (plain, None)
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let header = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    header.split(',').any(|part| {
        let mut parts = part.split(';').map(str::trim);
        parts.next() == Some(encoding)
            && !parts.any(|weight| {
                weight.starts_with("q=0") && !weight.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
            })
    })
}

fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let header = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    header.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
