//! The dependency rule: entities ← interfaces ← usecases ← adapters ← infrastructure ← app.

use std::fmt;

use super::names::{Target, names};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub path: String,
    pub line: usize,
    pub named: String,
    pub rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.named, self.rule)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    /// With the domain's error, which the entities' rules answer.
    Entities,
    Interfaces,
    UseCases,
    /// The whole of it, such as `use crate::domain`.
    Domain,
    Dto,
    Controllers,
    Gateways,
    /// The whole of them.
    Adapters,
    Infrastructure,
    Config,
    App,
    Cli,
    Main,
    /// The crate's root: `lib.rs`, and what would be named as `crate::*`.
    Root,
    /// Nothing that the house has a place for.
    Elsewhere,
}

use Layer::{
    Adapters, App, Cli, Config, Controllers, Domain, Dto, Elsewhere, Entities, Gateways, Infrastructure,
    Interfaces, Main, Root, UseCases,
};

impl Layer {
    fn of(path: &[String]) -> Self {
        let mut path = path.iter().map(String::as_str);
        match (path.next(), path.next()) {
            (None | Some("*"), _) => Root,
            (Some("domain"), Some("entities" | "error")) => Entities,
            (Some("domain"), Some("interfaces")) => Interfaces,
            (Some("domain"), Some("usecases")) => UseCases,
            (Some("domain"), None | Some("*")) => Domain,
            (Some("adapters"), Some("dto")) => Dto,
            (Some("adapters"), Some("controllers")) => Controllers,
            (Some("adapters"), Some("gateways")) => Gateways,
            (Some("adapters"), None | Some("*")) => Adapters,
            (Some("infrastructure"), _) => Infrastructure,
            (Some("config"), _) => Config,
            (Some("app"), _) => App,
            (Some("cli"), _) => Cli,
            (Some("main"), None) => Main,
            _ => Elsewhere,
        }
    }

    /// What files of this layer may name of this crate.
    const fn may_name(self) -> &'static [Self] {
        match self {
            Entities => &[Entities],
            Interfaces => &[Entities, Interfaces],
            UseCases | Domain => &[Entities, Interfaces, UseCases, Domain],
            Dto => &[Entities, Interfaces, UseCases, Domain, Config, Dto],
            Controllers => &[Entities, Interfaces, UseCases, Domain, Config, Dto, Controllers],
            Gateways => &[Entities, Interfaces, UseCases, Domain, Config, Dto, Gateways],
            Adapters => &[Dto, Controllers, Gateways, Adapters],
            Infrastructure => &[
                Entities,
                Interfaces,
                UseCases,
                Domain,
                Config,
                Dto,
                Controllers,
                Gateways,
                Adapters,
                Infrastructure,
            ],
            Config => &[Config],
            Cli => &[Config, Cli],
            App => &[
                Entities,
                Interfaces,
                UseCases,
                Domain,
                Config,
                Dto,
                Controllers,
                Gateways,
                Adapters,
                Infrastructure,
                App,
            ],
            Main => &[App, Cli],
            Root | Elsewhere => &[],
        }
    }

    const fn is_domain(self) -> bool {
        matches!(self, Entities | Interfaces | UseCases | Domain)
    }
}

/// Crates that the domain may know: the language, errors, ids, Unicode.
fn domain_may_name(krate: &str) -> bool {
    matches!(krate, "std" | "core" | "alloc" | "thiserror" | "async_trait" | "uuid")
        || krate.starts_with("unicode_")
}

/// Frameworks and drivers, which the wire types and the controllers do without.
fn is_driver(krate: &str) -> bool {
    let families =
        ["axum", "tower", "socketioxide", "engineioxide", "hyper", "http", "moka", "tokio", "metrics"];
    families
        .iter()
        .any(|family| krate.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')))
        || matches!(
            krate,
            "rusqlite" | "mongodb" | "bcrypt" | "governor" | "rust_embed" | "socket2" | "reqwest"
        )
}

/// Where a file stands in the tree of modules; `main.rs` counts as a module of its own.
fn module(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    inside.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}

/// Every breach in one file. `path` is relative to the repository, such as `src/app.rs`.
pub fn breaches(path: &str, source: &str) -> Vec<Breach> {
    let module = module(path);
    let layer = Layer::of(&module);
    let breach = |line, named: String, rule: String| Breach { path: path.to_owned(), line, named, rule };
    if layer == Elsewhere {
        return vec![breach(1, path.to_owned(), "the house has no such room".to_owned())];
    }
    // Tests in files of their own may use the library of properties.
    let is_test = module.last().is_some_and(|last| last == "tests");
    let check = |target: &Target| -> Option<String> {
        match target {
            Target::Own(named) => {
                let telemetry =
                    layer == Main && named.starts_with(&["infrastructure".into(), "telemetry".into()]);
                let to = Layer::of(named);
                (!telemetry && !layer.may_name().contains(&to))
                    .then(|| format!("{layer:?} may not name {to:?}"))
            }
            Target::Foreign(named) => {
                let krate = named.first().map_or("", String::as_str);
                if layer.is_domain() && !domain_may_name(krate) && !(is_test && krate == "proptest") {
                    return Some("the domain knows no framework and no driver".to_owned());
                }
                let transport_free = matches!(layer, Dto | Controllers);
                (transport_free && is_driver(krate))
                    .then(|| format!("{layer:?} know neither transports nor drivers"))
            }
        }
    };
    names(&module, source)
        .into_iter()
        .filter_map(|named| {
            let rule = check(&named.target)?;
            let text = match &named.target {
                Target::Own(path) => format!("crate::{}", path.join("::")),
                Target::Foreign(path) => path.join("::"),
            };
            Some(breach(named.line, text, rule))
        })
        .collect()
}
