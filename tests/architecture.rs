//! The house stands as `docs/ARCHITECTURE.md` says: who may name whom, which rooms there are, no file too long.

mod names;
mod planted;
mod rules;
mod tokens;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Rooms that must be there and hold something.
const ROOMS: &[&str] = &[
    "src/config",
    "src/domain/entities",
    "src/domain/interfaces",
    "src/domain/usecases/archive",
    "src/domain/usecases/auth",
    "src/domain/usecases/conversations",
    "src/domain/usecases/messages",
    "src/domain/usecases/presence",
    "src/domain/usecases/users",
    "src/adapters/dto",
    "src/adapters/controllers",
    "src/adapters/gateways/memory",
    "src/adapters/gateways/signals",
    "src/adapters/gateways/sqlite",
    "src/infrastructure/commands",
    "src/infrastructure/socket/commands",
    "src/infrastructure/webserver/routes",
    "src/infrastructure/worker",
];

const MAX_LINES: usize = 400;

/// Longer files, each with the reason why it is one file all the same.
const LONG_FILES: &[(&str, &str)] = &[];

/// All sources by their path from the repository's root.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = BTreeMap::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                sources.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    sources
}

/// Rooms in which no source lies.
fn empty_rooms<'a>(rooms: &[&'a str], sources: &BTreeMap<String, String>) -> Vec<&'a str> {
    let holds = |room: &str| sources.keys().any(|path| path.starts_with(&format!("{room}/")));
    rooms.iter().copied().filter(|room| !holds(room)).collect()
}

/// Files that are too long without a reason, and reasons for files that are not long any more.
fn odd_lengths(sources: &BTreeMap<String, String>, excused: &[(&str, &str)]) -> Vec<String> {
    let mut odd = Vec::new();
    for (path, source) in sources {
        let is_long = source.lines().count() > MAX_LINES;
        let excuse = excused.iter().find(|(excused, _)| excused == path);
        match (is_long, excuse) {
            (true, None) => odd.push(format!("{path} has more than {MAX_LINES} lines: why?")),
            (true, Some((_, ""))) => odd.push(format!("{path} is excused without a reason")),
            (false, Some(_)) => odd.push(format!("{path} needs no excuse any more")),
            (true | false, _) => {}
        }
    }
    let gone = excused.iter().filter(|(path, _)| !sources.contains_key(*path));
    odd.extend(gone.map(|(path, _)| format!("{path} is excused and not there")));
    odd
}

#[test]
fn nobody_names_an_outer_layer() {
    let breaches: Vec<String> = sources()
        .iter()
        .flat_map(|(path, source)| rules::breaches(path, source))
        .map(|breach| breach.to_string())
        .collect();
    assert!(breaches.is_empty(), "the dependency rule is broken:\n{}", breaches.join("\n"));
}

#[test]
fn every_room_is_there() {
    assert_eq!(empty_rooms(ROOMS, &sources()), Vec::<&str>::new());
}

#[test]
fn no_file_is_too_long_without_a_reason() {
    assert_eq!(odd_lengths(&sources(), LONG_FILES), Vec::<String>::new());
}
