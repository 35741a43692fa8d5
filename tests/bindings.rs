//! The generated wire types in `packages/protocol` say what the Rust types say. `UPDATE=1` writes them anew.

use std::{collections::BTreeMap, fs, path::Path};

use chatconnect::adapters::dto::bindings;

fn files(directory: &Path) -> BTreeMap<String, String> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn generated_types_have_not_drifted() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("packages/protocol/src/generated");
    if std::env::var_os("UPDATE").is_some() {
        let _ = fs::remove_dir_all(&committed);
        bindings::export(&committed).unwrap();
    }
    let fresh = tempfile::tempdir().unwrap();
    bindings::export(fresh.path()).unwrap();
    assert_eq!(files(fresh.path()), files(&committed), "run `make types` and commit the result");
}
