//! What is published says what the server does: every route, event, error and setting is there, and nothing else.

use std::{collections::BTreeSet, fs, path::Path};

use chatconnect::{
    adapters::dto::events::{COMMANDS, FACTS, TUTORIAL_MESSAGE},
    cli::Cli,
    infrastructure::webserver::router,
};
use clap::CommandFactory;
use serde_json::Value;

const PROTOCOL: &str = "docs/PROTOCOL.md";
const OPERATIONS: &str = "docs/OPERATIONS.md";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands between backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A page's section without the ones around it.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let begin = page.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let rest = &page[begin + 4..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

/// What the rows of a section's tables are about: the quoted names in their first cell.
fn rows(section: &str) -> BTreeSet<String> {
    let rows = section.lines().filter_map(|line| line.strip_prefix("| "));
    rows.flat_map(|row| quoted(row.split(" | ").next().unwrap_or_default())).collect()
}

fn owned(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// `GET /api/v1/users/me` and so on, out of the OpenAPI document.
fn routes() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&router::api().1.to_json().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect()
}

/// The HTTP table of the contract that all clients were promised.
const PROMISED: &[&str] = &[
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/logout",
    "GET /api/v1/users/me",
    "PATCH /api/v1/users/me",
    "POST /api/v1/users/me/password",
    "GET /api/v1/users/me/sessions",
    "DELETE /api/v1/users/me/sessions/{id}",
    "GET /api/v1/users",
    "GET /api/v1/conversations",
    "POST /api/v1/conversations",
    "GET /api/v1/conversations/{id}",
    "PATCH /api/v1/conversations/{id}",
    "DELETE /api/v1/conversations/{id}",
    "POST /api/v1/conversations/{id}/members",
    "DELETE /api/v1/conversations/{id}/members/{userId}",
    "POST /api/v1/conversations/{id}/join",
    "GET /api/v1/channels",
    "GET /api/v1/conversations/{id}/messages",
    "POST /api/v1/conversations/{id}/messages",
    "GET /api/v1/search",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
];

#[test]
fn every_promised_route_is_served() {
    let missing: Vec<String> = owned(PROMISED).difference(&routes()).cloned().collect();
    assert!(missing.is_empty(), "not in the OpenAPI document: {missing:?}");
}

#[test]
fn the_protocol_lists_the_routes_that_are_served() {
    assert_eq!(rows(section(&read(PROTOCOL), "HTTP")), routes());
}

#[test]
fn the_protocol_lists_the_commands_and_facts() {
    let page = read(PROTOCOL);
    assert_eq!(rows(section(&page, "Commands")), owned(COMMANDS));
    assert_eq!(rows(section(&page, "Facts")), owned(FACTS));
    assert!(quoted(&page).iter().any(|name| name.starts_with(TUTORIAL_MESSAGE)), "{TUTORIAL_MESSAGE}");
}

/// The literals of `DomainError::code`, as they stand in its source: a new case cannot be forgotten here.
fn domain_codes() -> BTreeSet<String> {
    let source = read("src/domain/error.rs");
    let body = &source[source.find("pub fn code(&self)").expect("the codes")..];
    let body = &body[..body.find("\n    }\n").expect("the end of the codes")];
    body.lines().filter_map(|line| Some(line.split_once("=> \"")?.1.split_once('"')?.0.to_owned())).collect()
}

/// Problems that the domain does not know.
const HTTP_CODES: &[&str] = &["method_not_allowed", "unsupported_media_type"];

#[test]
fn the_protocol_lists_the_error_codes() {
    let mut codes = domain_codes();
    assert!(codes.len() >= 16 && codes.contains("conversation.not_member"), "{codes:?}");
    codes.extend(owned(HTTP_CODES));
    assert_eq!(rows(section(&read(PROTOCOL), "Errors")), codes);
    for code in HTTP_CODES {
        let sources =
            read("src/infrastructure/webserver/layers.rs") + &read("src/infrastructure/webserver/extract.rs");
        assert!(sources.contains(&format!("\"{code}\"")), "{code} is answered by nobody");
    }
}

#[test]
fn the_packages_events_are_the_servers() {
    let source = read("packages/protocol/src/events.ts");
    let names = |table: &str| -> BTreeSet<String> {
        let begin = source.find(&format!("export const {table} = {{")).expect("a table of events");
        let body = &source[begin..];
        let body = &body[..body.find("} as const").expect("the end of the table")];
        body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    };
    assert_eq!(names("command"), owned(COMMANDS));
    assert_eq!(names("fact"), owned(FACTS));
}

/// Read by the logs before there are settings.
const OTHER_SETTINGS: &[&str] = &["RUST_LOG"];

#[test]
fn operations_and_help_list_every_setting() {
    let mut command = Cli::command();
    let help = command.render_long_help().to_string();
    let mut settings = BTreeSet::new();
    for setting in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
        let flag = setting.get_long().unwrap_or_default();
        if ["help", "version"].contains(&flag) {
            continue;
        }
        let variable = setting.get_env().unwrap_or_else(|| panic!("--{flag} has no variable"));
        let variable = variable.to_string_lossy().into_owned();
        assert_eq!(variable, flag.to_uppercase().replace('-', "_"), "flags and variables say the same");
        assert!(setting.get_help().is_some(), "--{flag} is not explained");
        assert!(
            help.contains(&format!("--{flag} ")) && help.contains(&format!("[env: {variable}")),
            "{help}"
        );
        settings.insert(variable);
    }
    assert!(settings.contains("PORT") && settings.len() > 20, "{settings:?}");
    settings.extend(owned(OTHER_SETTINGS));
    assert_eq!(rows(section(&read(OPERATIONS), "Settings")), settings);
}

/// What `serve` takes is what the bare command takes.
#[test]
fn serve_takes_the_same_settings() {
    let command = Cli::command();
    let flags = |command: &clap::Command| -> BTreeSet<String> {
        command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)).collect()
    };
    let serve = command.find_subcommand("serve").expect("the command serve");
    assert_eq!(flags(serve), flags(&command));
}

#[test]
fn a_missing_row_is_seen() {
    let page =
        "# Page\n\n## One\n\n| `a` · `b` | `x` |\n|---|---|\n| `c` | |\n\ntext `d`\n\n## Two\n| `e` | |\n";
    assert_eq!(rows(section(page, "One")), owned(&["a", "b", "c"]));
    assert_eq!(rows(section(page, "Two")), owned(&["e"]));
}
