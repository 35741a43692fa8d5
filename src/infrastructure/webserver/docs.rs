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

/// What the annotations leave out: the cookie, descriptions of answers, names of operations that differ, the media type
/// of problems, and that answers name all of their fields.
fn complete(mut api: Value) -> Value {
    api["components"]["securitySchemes"]["session"] =
        json!({ "type": "apiKey", "in": "cookie", "name": "connect.sid" });
    let mut sent: Vec<String> = Vec::new();
    for (path, item) in api["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let for_all = ["/register", "/login", "/server"].iter().any(|end| path.ends_with(end));
            if path.starts_with("/api/") && !for_all {
                operation["security"] = json!([{ "session": [] }]);
            }
            for (_, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                let name = content["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
                sent.extend(name.map(str::to_owned));
            }
            let (tag, name) = (&operation["tags"][0], &operation["operationId"]);
            let name = format!("{}_{}", tag.as_str().unwrap_or_default(), name.as_str().unwrap_or_default());
            operation["operationId"] = json!(name);
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
                let content = response.get_mut("content").and_then(Value::as_object_mut);
                if let Some(content) = content
                    && content.get("application/json").is_some_and(is_problem)
                    && let Some(problem) = content.remove("application/json")
                {
                    content.insert("application/problem+json".to_owned(), problem);
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

fn is_problem(content: &Value) -> bool {
    content["schema"]["$ref"] == "#/components/schemas/Problem"
}

fn require_all(schema: &mut Value) {
    let properties = schema.get("properties").and_then(Value::as_object);
    if let Some(names) = properties.map(|properties| properties.keys().cloned().map(Value::String).collect())
    {
        schema["required"] = names;
    }
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn document() -> Value {
        let (_, api) = crate::infrastructure::webserver::router::api();
        complete(serde_json::to_value(api).unwrap())
    }

    fn operations(api: &Value) -> Vec<&Value> {
        let items = api["paths"].as_object().unwrap().values();
        items.flat_map(|item| item.as_object().unwrap().values()).collect()
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let api = document();
        let names: HashSet<_> = operations(&api).iter().map(|operation| &operation["operationId"]).collect();
        assert_eq!(names.len(), operations(&api).len());
    }

    #[test]
    fn answers_are_described_and_problems_are_problems() {
        let api = document();
        for operation in operations(&api) {
            for response in operation["responses"].as_object().unwrap().values() {
                assert!(!response["description"].as_str().unwrap().is_empty(), "{operation}");
                assert!(!response["content"].get("application/json").is_some_and(is_problem), "{operation}");
            }
        }
    }

    #[test]
    fn objects_name_all_their_fields_and_nothing_is_null() {
        let api = document();
        let message = &api["components"]["schemas"]["Message"];
        assert!(message["required"].as_array().unwrap().contains(&json!("deletedAt")));
        assert!(!api.to_string().contains(":null"), "no keyword of JSON Schema is null");
    }
}
