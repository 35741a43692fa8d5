//! Whatever is sent to a route of the OpenAPI document, the answer is never the server's fault, a refusal is a
//! problem, and no password gets into the logs.

use std::{cell::RefCell, fmt};

use chatconnect::infrastructure::webserver::router;
use proptest::{collection, option, prelude::*, sample::select, test_runner::TestRunner};
use reqwest::{
    Method,
    header::{self, HeaderValue},
};
use serde_json::Value;

use crate::support::{
    logs::Logs,
    payloads::{Known, SECRET, any_bytes, config, odd_text},
    person::{Answer, Person, send},
    runtime,
    server::Server,
};

/// What the document says about one operation.
struct Route {
    method: Method,
    path: String,
    query: Vec<String>,
    has_body: bool,
}

/// All of them, so that a new route is tried without anybody thinking of it.
fn routes() -> Vec<Route> {
    let document: Value = serde_json::from_str(&router::api().1.to_json().unwrap()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            routes.push(Route {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                has_body: operation["requestBody"].is_object(),
                query: parameters
                    .filter(|parameter| parameter["in"] == "query")
                    .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                    .collect(),
            });
        }
    }
    routes
}

/// Who makes a request.
#[derive(Debug, Clone, Copy)]
enum Who {
    Ana,
    Nobody,
    Garbage,
}

#[derive(Clone)]
struct Case {
    path: String,
    body: Option<Vec<u8>>,
    content_type: Option<&'static str>,
    who: Who,
    headers: Vec<(&'static str, Vec<u8>)>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, body, content_type, who, headers } = self;
        let body = body.as_ref().map(|body| body.escape_ascii().to_string());
        write!(f, "{path} by {who:?}, {content_type:?}, {headers:?}: {body:?}")
    }
}

/// Percent-encoded so that the URL cannot end here, whatever the text is.
fn encoded(text: &str) -> String {
    let bytes = text.bytes().take(300);
    bytes
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A part of the path: something that exists, or nothing that could.
fn part(known: &Known) -> impl Strategy<Value = String> + use<> {
    let Known { conversation, message, user } = known.clone();
    prop_oneof![
        4 => select(vec![conversation, message, user]),
        1 => Just(crate::support::uuid()),
        2 => odd_text().prop_map(|text| encoded(&text)),
        1 => select(vec!["%ff", "%00", "%2f..%2f", "me", "%", "%zz", "a;b", "00000000-0000-0000-0000-000000000000"])
            .prop_map(str::to_owned),
    ]
}

fn query(names: &[String], known: &Known) -> impl Strategy<Value = String> + use<> {
    let names: Vec<String> = names.iter().cloned().chain(["unknown".to_owned(), String::new()]).collect();
    let known = vec![known.conversation.clone(), known.message.clone(), known.user.clone()];
    let value = prop_oneof![
        2 => odd_text().prop_map(|text| encoded(&text)),
        2 => select(known),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        2 => (0..300_u32).prop_map(|number| number.to_string()),
        1 => Just("18446744073709551616".to_owned()),
    ];
    let pair = (select(names), value).prop_map(|(name, value)| format!("{name}={value}"));
    prop_oneof![
        1 => Just(String::new()),
        4 => collection::vec(pair, 1..5).prop_map(|pairs| format!("?{}", pairs.join("&"))),
        1 => "[?][a-z%&=+;0-9]{0,80}",
    ]
}

const HEADERS: &[&str] = &[
    "user-agent",
    "accept",
    "accept-language",
    "accept-encoding",
    "x-forwarded-for",
    "forwarded",
    "origin",
    "x-request-id",
    "if-none-match",
    "range",
    "authorization",
];

fn case(route: &Route, known: &Known) -> impl Strategy<Value = Case> + use<> {
    let pieces: Vec<String> = route.path.split('/').map(str::to_owned).collect();
    let holes = pieces.iter().filter(|piece| piece.starts_with('{')).count();
    let content_type = prop_oneof![
        6 => Just(Some("application/json")),
        2 => Just(Some("application/x-www-form-urlencoded")),
        1 => select(vec![None, Some(""), Some("text/plain"), Some("application/json; charset=utf-16"), Some("/")]),
    ];
    let text = collection::vec(prop_oneof![32_u8..127, 128_u8..=255], 0..200);
    (
        collection::vec(part(known), holes),
        query(&route.query, known),
        option::weighted(0.9, any_bytes(known)),
        content_type,
        prop_oneof![6 => Just(Who::Ana), 1 => Just(Who::Nobody), 1 => Just(Who::Garbage)],
        prop_oneof![3 => Just(Vec::new()), 1 => collection::vec((select(HEADERS), text), 1..4)],
    )
        .prop_map(move |(parts, query, body, content_type, who, headers)| {
            let mut parts = parts.into_iter();
            let filled = pieces.iter().map(|piece| match piece.strip_prefix('{') {
                Some(_) => parts.next().unwrap_or_default(),
                None => piece.clone(),
            });
            let path = format!("{}{query}", filled.collect::<Vec<_>>().join("/"));
            Case { path, body, content_type, who, headers }
        })
}

/// The server may answer before it has read a body that it does not want, and close the connection on the rest. What
/// fits into its first read is safe from that.
const UNREAD: usize = 4_096;

async fn ask(route: &Route, case: &Case, ana: &Person) -> Answer {
    let person = match case.who {
        Who::Ana => ana.clone(),
        Who::Nobody => ana.with_cookie(""),
        Who::Garbage => ana.with_cookie("connect.sid=s%3Agarbage.$$$; connect.sid=\"; ="),
    };
    let mut request = person.request(route.method.clone(), &case.path);
    for (name, value) in &case.headers {
        request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
    }
    if let Some(kind) = case.content_type {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    if let Some(body) = &case.body {
        let wanted = route.has_body
            && case.headers.is_empty()
            && matches!((case.who, case.content_type), (Who::Ana, Some("application/json")));
        let length = if wanted { body.len() } else { body.len().min(UNREAD) };
        request = request.body(body[..length].to_vec());
    }
    send(request).await
}

fn assert_is_fair(answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body);
    assert!(!answer.status.is_server_error(), "{}: {text}", answer.status);
    assert!(!text.contains(SECRET), "a password came back: {text}");
    if !answer.status.is_client_error() {
        return;
    }
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}: {text}", answer.status);
    let problem = answer.json();
    let field = |name: &str| problem[name].as_str().unwrap_or_default();
    let code = field("code");
    let stable = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    assert!(!code.is_empty() && code.chars().all(stable), "{text}");
    assert!(!["internal", "unavailable", "rate_limited"].contains(&code), "{text}");
    assert!(!field("title").is_empty() && !field("type").is_empty(), "{text}");
    assert_eq!(problem["status"], answer.status.as_u16(), "{text}");
    assert!(!field("requestId").is_empty() && field("requestId") == answer.header("x-request-id"), "{text}");
}

#[test]
fn every_route_answers_anything_fairly() {
    let logs = Logs::capture();
    let runtime = runtime();
    let server = runtime.block_on(Server::start());
    let bia = runtime.block_on(server.person());
    let ana = RefCell::new(runtime.block_on(server.person()));
    let mut cookies = vec![bia.cookie.clone()];
    for route in routes() {
        // Anew for each route, because some of them delete things.
        let known = runtime.block_on(Known::new(&ana.borrow(), &bia));
        let outcome = TestRunner::new(config(48)).run(&case(&route, &known), |case| {
            let mut ana = ana.borrow_mut();
            runtime.block_on(async {
                let answer = ask(&route, &case, &ana).await;
                assert_is_fair(&answer);
                // Some routes end the session; otherwise the server knows the person as before.
                if ana.get("/api/v1/users/me").await.status != 200 {
                    assert!(route.path.starts_with("/api/v1/auth/"), "the session was lost");
                    *ana = ana.log_in().await;
                }
            });
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{} {}: {error}", route.method, route.path));
        cookies.push(ana.borrow().cookie.clone());
    }
    runtime.block_on(async {
        let ana = ana.into_inner();
        let id = ana.converse("channel", &[]).await;
        ana.say(&id, "still here").await;
        assert_eq!(ana.history(&id).await.len(), 1);
        server.stop().await;
    });
    assert_hides_secrets(&logs.text(), &cookies);
}

fn assert_hides_secrets(logs: &str, cookies: &[String]) {
    assert!(logs.contains("serving") && logs.contains("/api/v1/auth/register"), "the logs were captured");
    let near = |place: usize| -> String { logs.chars().skip(place.saturating_sub(300)).take(600).collect() };
    for secret in [SECRET, crate::support::person::PASSWORD] {
        assert!(
            !logs.contains(secret),
            "a password is in the logs: {}",
            near(logs.find(secret).unwrap_or(0))
        );
    }
    for cookie in cookies {
        let value = cookie.split_once('=').unwrap().1;
        assert!(!logs.contains(value), "a session is in the logs: {}", near(logs.find(value).unwrap_or(0)));
    }
}
