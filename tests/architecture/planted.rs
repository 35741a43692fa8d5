//! The checks see what they are for: one planted breach of each kind, and look-alikes that are none.

use std::collections::BTreeMap;

use super::{empty_rooms, odd_lengths, rules::breaches};

const ENTITY: &str = "src/domain/entities/user.rs";
const PORT: &str = "src/domain/interfaces/clock.rs";
const USE_CASE: &str = "src/domain/usecases/auth/login.rs";
const DTO: &str = "src/adapters/dto/objects.rs";
const CONTROLLER: &str = "src/adapters/controllers/auth.rs";
const GATEWAY: &str = "src/adapters/gateways/sqlite/users.rs";
const ROUTE: &str = "src/infrastructure/webserver/routes/auth.rs";

/// Each of these is one breach, at line 1.
const PLANTED: &[(&str, &str, &str)] = &[
    // Inner layers that look outward.
    (ENTITY, "use crate::domain::interfaces::clock::Clock;", "crate::domain::interfaces::clock::Clock"),
    (
        ENTITY,
        "use super::super::usecases::deliver::DeliverChanges;",
        "crate::domain::usecases::deliver::DeliverChanges",
    ),
    (ENTITY, "use crate::domain;", "crate::domain"),
    (
        ENTITY,
        "use crate::domain::{error::Result, interfaces::{health::Health}};",
        "crate::domain::interfaces::health::Health",
    ),
    (PORT, "use crate::domain::usecases::auth::login::Login;", "crate::domain::usecases::auth::login::Login"),
    (PORT, "fn f() -> super::super::usecases::X;", "crate::domain::usecases::X"),
    (USE_CASE, "use crate::adapters::dto::objects::User;", "crate::adapters::dto::objects::User"),
    (
        USE_CASE,
        "fn f() { crate::infrastructure::telemetry::init_logs(); }",
        "crate::infrastructure::telemetry::init_logs",
    ),
    (USE_CASE, "use crate::config::Config;", "crate::config::Config"),
    (USE_CASE, "use crate::*;", "crate::*"),
    (USE_CASE, "fn f() { crate::shortcut(); }", "crate::shortcut"),
    ("src/domain/error.rs", "use super::usecases;", "crate::domain::usecases"),
    (
        DTO,
        "use super::super::gateways::system::SystemClock;",
        "crate::adapters::gateways::system::SystemClock",
    ),
    (DTO, "use crate::adapters::controllers::Controllers;", "crate::adapters::controllers::Controllers"),
    (
        CONTROLLER,
        "use crate::adapters::gateways::memory::Memory;",
        "crate::adapters::gateways::memory::Memory",
    ),
    (CONTROLLER, "use crate::infrastructure::worker;", "crate::infrastructure::worker"),
    (GATEWAY, "use crate::{infrastructure::worker::Jobs};", "crate::infrastructure::worker::Jobs"),
    (GATEWAY, "use crate::app::App;", "crate::app::App"),
    (
        GATEWAY,
        "use crate::adapters::controllers::auth::AuthController;",
        "crate::adapters::controllers::auth::AuthController",
    ),
    (ROUTE, "use crate::app::App;", "crate::app::App"),
    (ROUTE, "use crate::cli::Cli;", "crate::cli::Cli"),
    ("src/config/server.rs", "use crate::domain::error::DomainError;", "crate::domain::error::DomainError"),
    ("src/config/mod.rs", "use super::app::App;", "crate::app::App"),
    ("src/cli.rs", "use crate::adapters::dto::events;", "crate::adapters::dto::events"),
    ("src/main.rs", "use chatconnect::domain::error::Result;", "crate::domain::error::Result"),
    ("src/main.rs", "use chatconnect::infrastructure::worker;", "crate::infrastructure::worker"),
    ("src/lib.rs", "pub mod domain; pub use domain::error::Result;", "crate::domain::error::Result"),
    // Frameworks and drivers where none may be known.
    (ENTITY, "use serde_json::Value;", "serde_json::Value"),
    (ENTITY, "#[derive(serde::Serialize)] struct S;", "serde::Serialize"),
    (ENTITY, "use proptest::prelude::*;", "proptest::prelude::*"),
    (PORT, "async fn f(x: &tokio::net::TcpStream);", "tokio::net::TcpStream"),
    (PORT, "fn f(x: ::rusqlite::Connection);", "rusqlite::Connection"),
    (PORT, "extern crate mongodb;", "mongodb"),
    (USE_CASE, "fn f() { metrics::counter!(\"x\"); }", "metrics::counter"),
    (USE_CASE, "use axum::http as other;", "axum::http"),
    (USE_CASE, "use {std::sync::Arc, moka::sync::Cache};", "moka::sync::Cache"),
    (DTO, "use axum::Json;", "axum::Json"),
    (CONTROLLER, "use socketioxide::extract::SocketRef;", "socketioxide::extract::SocketRef"),
    (CONTROLLER, "use tower_sessions::Session;", "tower_sessions::Session"),
    (CONTROLLER, "async fn f() { tokio::task::yield_now().await }", "tokio::task::yield_now"),
];

/// What the compiler would accept as the same names and is none, and what each layer may do.
const LEGAL: &[(&str, &str)] = &[
    (ENTITY, "//! crate::infrastructure\n// use axum::Json;\n/* use crate::app::App; /* */ crate::app */"),
    (ENTITY, "/// See [`crate::adapters::dto`].\nconst S: &str = \"use crate::app::App;\";"),
    (
        ENTITY,
        "const S: &str = r#\"\"use axum::Json;\"\"#; const C: char = '\"'; /* \" */ const D: char = '\\'';",
    ),
    (ENTITY, "use super::{ids::UserId, timestamp::Timestamp}; use crate::domain::error::FieldError;"),
    (ENTITY, "use unicode_normalization::UnicodeNormalization; fn f() { u64::from(1_u8); str::len(\"\"); }"),
    (ENTITY, "fn f(infrastructure: u8) { let app = infrastructure; self.adapters.app(); }"),
    ("src/domain/entities/search_text/tests.rs", "use proptest::prelude::*; use super::*;"),
    (USE_CASE, "use std::fmt; impl fmt::Display for X {} use super::register::check_password;"),
    (USE_CASE, "use crate::domain::entities::user; fn f() { user::Username::parse(\"\"); }"),
    (USE_CASE, "mod tests { use super::*; use crate::domain::error::Result; }"),
    (DTO, "use serde::Serialize; use crate::domain::entities::message as domain_message;"),
    (CONTROLLER, "use super::known; use crate::adapters::dto::objects::User;"),
    (GATEWAY, "use rusqlite::Connection; use crate::config::limits::Rate; use super::super::tutorial;"),
    (ROUTE, "use axum::Json; use crate::{adapters::controllers::SharedControllers, config::Config};"),
    ("src/app.rs", "use crate::{adapters, config::Config, domain::error::Result, infrastructure::worker};"),
    ("src/cli.rs", "use crate::config::Config;"),
    ("src/main.rs", "use chatconnect::{app::App, cli, infrastructure::telemetry};"),
    ("src/lib.rs", "pub mod domain; pub mod infrastructure;"),
];

#[test]
fn every_planted_breach_is_found() {
    for (path, source, named) in PLANTED {
        let found = breaches(path, source);
        let found: Vec<(usize, &str)> = found.iter().map(|b| (b.line, b.named.as_str())).collect();
        assert_eq!(found, [(1, *named)], "{path}: {source}");
    }
}

#[test]
fn a_breach_far_inside_is_found_where_it_stands() {
    let source = "//! Getting in.\n\nuse crate::{\n    domain::error::Result,\n    adapters::{\n        \
                  dto::objects::User,\n    },\n};\n\nfn f() {\n    let x = 1;\n    sqlx::query(x)\n}\n";
    let found: Vec<String> = breaches(USE_CASE, source).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "src/domain/usecases/auth/login.rs:6: crate::adapters::dto::objects::User: UseCases may not name Dto",
            "src/domain/usecases/auth/login.rs:12: sqlx::query: the domain knows no framework and no driver",
        ]
    );
}

#[test]
fn an_alias_hides_nothing() {
    let source = "use crate::domain as d; fn f() { d::usecases::X::new() }";
    assert_eq!(breaches(PORT, source).len(), 2);
    assert_eq!(breaches(PORT, "use std as s; fn f() { s::mem::drop(1) }"), []);
}

#[test]
fn look_alikes_pass() {
    for (path, source) in LEGAL {
        assert_eq!(breaches(path, source), [], "{path}: {source}");
    }
}

#[test]
fn a_room_that_the_house_does_not_have_is_found() {
    for path in ["src/utils.rs", "src/domain/helpers.rs", "src/adapters/http/mod.rs", "src/common/mod.rs"] {
        assert_eq!(breaches(path, "").len(), 1, "{path}");
    }
}

#[test]
fn a_room_that_vanished_is_found() {
    let sources = BTreeMap::from([("src/a/b.rs".to_owned(), String::new())]);
    assert_eq!(empty_rooms(&["src/a", "src/b", "src/a/b"], &sources), ["src/b", "src/a/b"]);
}

#[test]
fn a_long_file_needs_a_reason() {
    let sources =
        BTreeMap::from([("long.rs".to_owned(), "\n".repeat(401)), ("short.rs".to_owned(), "\n".repeat(400))]);
    let odd = |excused| odd_lengths(&sources, excused).len();
    assert_eq!(odd(&[]), 1);
    assert_eq!(odd(&[("long.rs", "a table")]), 0);
    assert_eq!(odd(&[("long.rs", "")]), 1);
    assert_eq!(odd(&[("long.rs", "a table"), ("short.rs", "a table")]), 1);
    assert_eq!(odd(&[("long.rs", "a table"), ("gone.rs", "a table")]), 1);
}
