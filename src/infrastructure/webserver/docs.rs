//! The API described: for machines at `/api/openapi.json`, for people at `/api/docs`.

use std::{fmt::Write, sync::Arc};

use axum::{
    Router,
    http::{StatusCode, header},
    response::{Html, IntoResponse},
    routing::get,
};
use serde_json::{Value, json};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

/// The frame that the routes are described in.
pub fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("ChatConnect")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The HTTP half of ChatConnect. Log in, keep the session cookie, send it with every request. \
             The Socket.IO half is in docs/PROTOCOL.md.",
        ))
        .build();
    OpenApiBuilder::new().info(info).build()
}

pub fn router(api: &OpenApi) -> Router {
    let api = complete(serde_json::to_value(api).unwrap_or_default());
    let page: Arc<str> = page(&api).into();
    let json: Arc<str> = api.to_string().into();
    Router::new()
        .route(
            "/api/openapi.json",
            get(async move || ([(header::CONTENT_TYPE, "application/json")], json.to_string())),
        )
        .route("/api/docs", get(async move || Html(page.to_string())))
        .route("/api/docs.css", get(async || ([(header::CONTENT_TYPE, "text/css")], CSS).into_response()))
}

/// What the annotations leave out: the cookie, descriptions of answers, and that answers name all of their fields.
fn complete(mut api: Value) -> Value {
    api["components"]["securitySchemes"]["session"] =
        json!({ "type": "apiKey", "in": "cookie", "name": "connect.sid" });
    let mut sent: Vec<String> = Vec::new();
    for (path, item) in api["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            if path.starts_with("/api/") && !path.ends_with("/register") && !path.ends_with("/login") {
                operation["security"] = json!([{ "session": [] }]);
            }
            for (_, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                let name = content["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
                sent.extend(name.map(str::to_owned));
            }
            operation["responses"]["default"] = json!({
                "description": "Any other refusal",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
            });
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                if response["description"].as_str().unwrap_or_default().is_empty() {
                    let status = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
                    let reason = status.and_then(|status| status.canonical_reason());
                    response["description"] = json!(reason.unwrap_or("An answer"));
                }
            }
        }
    }
    for (name, schema) in api["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if name != "Problem" && !sent.contains(name) {
            require_all(schema);
        }
    }
    api
}

fn require_all(schema: &mut Value) {
    if let Some(properties) = schema["properties"].as_object() {
        schema["required"] = properties.keys().cloned().map(Value::String).collect();
    }
    for part in schema["allOf"].as_array_mut().into_iter().flatten() {
        require_all(part);
    }
}

const CSS: &str = include_str!("docs.css");

/// A readable page out of the document itself, so that the two cannot differ.
fn page(api: &Value) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>ChatConnect API</title>\
         <link rel=\"stylesheet\" href=\"/api/docs.css\"><main><h1>ChatConnect API</h1>",
    );
    let _ = write!(
        html,
        "<p>{}</p><p><a href=\"/api/openapi.json\">openapi.json</a></p>",
        escape(&api["info"]["description"])
    );
    for (path, item) in api["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            describe(&mut html, path, method, operation);
        }
    }
    html.push_str("<h2>Objects</h2>");
    for (name, schema) in api["components"]["schemas"].as_object().into_iter().flatten() {
        let schema = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = write!(
            html,
            "<details id=\"{name}\"><summary>{name}</summary><pre>{}</pre></details>",
            escape_text(&schema)
        );
    }
    html.push_str("</main></html>");
    html
}

fn describe(html: &mut String, path: &str, method: &str, operation: &serde_json::Value) {
    let _ = write!(
        html,
        "<section><h2><code>{} {}</code></h2><p>{}</p><ul>",
        method.to_uppercase(),
        escape_text(path),
        escape(&operation["summary"])
    );
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let _ = write!(
            html,
            "<li><code>{}</code> ({}) {}</li>",
            escape(&parameter["name"]),
            escape(&parameter["in"]),
            escape(&parameter["description"])
        );
    }
    for (kind, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        let _ = write!(html, "<li>body <code>{}</code> {}</li>", escape_text(kind), link(&content["schema"]));
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let schema = response["content"].as_object().and_then(|kinds| kinds.values().next());
        let schema = schema.map(|content| link(&content["schema"])).unwrap_or_default();
        let _ = write!(html, "<li>{status} {schema} {}</li>", escape(&response["description"]));
    }
    html.push_str("</ul></section>");
}

fn link(schema: &serde_json::Value) -> String {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.map(|name| format!("<a href=\"#{name}\">{name}</a>")).unwrap_or_default()
}

fn escape(value: &serde_json::Value) -> String {
    escape_text(value.as_str().unwrap_or_default())
}

fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
