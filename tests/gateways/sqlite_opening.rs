//! What may be wrong with a file, what is said about it, and that nothing is done to it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use chatconnect::{
    adapters::gateways::sqlite::{OpenError, Sqlite, SqliteOptions},
    domain::{error::DomainError, interfaces::change_feed::ChangeFeed},
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::fixture::*;

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    (directory, file)
}

fn open(path: &Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(path, SqliteOptions::default()).map(|(sqlite, _)| sqlite)
}

/// A database with something in it.
async fn filled() -> (TempDir, PathBuf) {
    let (directory, file) = place();
    let (sqlite, feed) = Sqlite::open(&file, SqliteOptions::default()).unwrap();
    let db = of_sqlite(&sqlite, feed, ());
    let ana = db.user("ana").await;
    for number in 0..300 {
        db.send(db.general().await, ana, &format!("message number {number} {}", "word ".repeat(20))).await;
    }
    sqlite.close().await;
    (directory, file)
}

/// What stands in the directory, but the lock.
fn files(directory: &TempDir) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap_or_default()))
        .filter(|(name, _)| !name.ends_with(".lock"))
        .collect();
    files.sort();
    files
}

/// Checks that a file is refused in one sentence with its name and a remedy, and left as it is.
fn left_alone(directory: &TempDir, file: &Path, remedy: &str) -> OpenError {
    let before = files(directory);
    let error = open(file).err().expect("is refused");
    assert!(files(directory) == before, "something was written: {error}");
    let sentence = error.to_string();
    assert!(sentence.contains(remedy), "{sentence}");
    assert!(sentence.contains(directory.path().to_str().unwrap()), "{sentence}");
    assert!(!sentence.contains('\n') && sentence.len() < 400, "{sentence}");
    error
}

#[tokio::test]
async fn a_new_database_belongs_to_its_owner_alone() {
    let (directory, file) = place();
    let (sqlite, feed) = Sqlite::open(&file, SqliteOptions::default()).unwrap();
    of_sqlite(&sqlite, feed, ()).user("ana").await;
    let mut names = Vec::new();
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["chat.db", "chat.db-shm", "chat.db-wal", "chat.db.lock"]);
    sqlite.close().await;
    assert_eq!(files(&directory).len(), 1);
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let (_directory, file) = place();
    fs::write(&file, "").unwrap();
    let sqlite = open(&file).unwrap();
    sqlite.close().await;
    let conn = Connection::open(&file).unwrap();
    let answer = |sql: &str| conn.query_row(sql, (), |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(answer("PRAGMA integrity_check"), "ok".to_owned().into());
    assert_eq!(answer("PRAGMA journal_mode"), "wal".to_owned().into());
    assert_eq!(answer("PRAGMA user_version"), 5_i64.into());
    assert_eq!(answer("SELECT count(*) FROM pragma_foreign_key_check"), 0_i64.into());
}

#[tokio::test]
async fn a_place_that_is_not_there() {
    let (directory, file) = place();
    let error = left_alone(&directory, &directory.path().join("missing/chat.db"), "create it");
    assert!(matches!(error, OpenError::NoDirectory(_)));
    fs::create_dir(&file).unwrap();
    assert!(matches!(left_alone(&directory, &file, "another file"), OpenError::NotADatabase(_)));
}

#[tokio::test]
async fn a_file_that_is_something_else() {
    for content in ["x", "just a text that is longer than a header would be", "SQLite format 3\0"] {
        let (directory, file) = place();
        fs::write(&file, content).unwrap();
        let error = left_alone(&directory, &file, "move it away, or choose another file");
        assert!(matches!(error, OpenError::NotADatabase(_)), "{error}");
    }
    let (directory, file) = place();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE birds (name TEXT)").unwrap();
    assert!(matches!(left_alone(&directory, &file, "move it away"), OpenError::NotADatabase(_)));
}

#[tokio::test]
async fn a_file_that_is_damaged() {
    let (directory, file) = filled().await;
    let whole = fs::read(&file).unwrap();
    assert!(whole.len() > 100_000);
    let mut scratched = whole.clone();
    scratched[40_960..53_248].fill(0xa5);
    let cut = whole[..whole.len() / 2].to_vec();
    for damaged in [scratched.clone(), cut] {
        fs::write(&file, damaged).unwrap();
        let error = left_alone(&directory, &file, "put a backup in its place");
        assert!(matches!(error, OpenError::Corrupted(..)), "{error}");
    }
    // The same with something in the log, which must be kept too.
    fs::write(&file, &whole).unwrap();
    let conn = Connection::open(&file).unwrap();
    conn.execute("UPDATE probe SET writes = 7", ()).unwrap();
    let log = fs::read(directory.path().join("chat.db-wal")).unwrap();
    drop(conn);
    fs::write(&file, &scratched).unwrap();
    fs::write(directory.path().join("chat.db-wal"), &log).unwrap();
    let error = open(&file).err().expect("is refused");
    assert!(matches!(error, OpenError::Corrupted(..)), "{error}");
    assert!(fs::read(&file).unwrap() == scratched);
    assert!(fs::read(directory.path().join("chat.db-wal")).unwrap() == log);
    // It was the damage.
    fs::write(&file, &whole).unwrap();
    open(&file).unwrap().close().await;
}

#[tokio::test]
async fn a_file_of_a_newer_version() {
    let (directory, file) = filled().await;
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(conn);
    let error = left_alone(&directory, &file, "start that version");
    assert!(matches!(error, OpenError::Newer(_, 99, 5)), "{error}");
}

#[tokio::test]
async fn a_file_that_may_not_be_written_to() {
    let (directory, file) = filled().await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(matches!(left_alone(&directory, &file, "chmod u+w"), OpenError::ReadOnly(_)));
}

#[tokio::test]
async fn a_file_that_a_server_uses() {
    let (directory, file) = filled().await;
    let (sqlite, mut feed) = Sqlite::open(&file, SqliteOptions::default()).unwrap();
    assert!(matches!(left_alone(&directory, &file, "stop the other server"), OpenError::Locked(_)));
    // The first one goes on, and when it is closed, another one may open.
    let clone = sqlite.clone();
    clone.users();
    sqlite.close().await;
    sqlite.close().await;
    assert!(feed.next().await.is_none());
    let db = of_sqlite(&sqlite, feed, ());
    refused!(db.users.find(user_id()), DomainError::Unavailable { .. });
    refused!(db.users.set_last_seen(user_id(), at(1)), DomainError::Unavailable { .. });
    refused!(db.health.ready(), DomainError::Unavailable { .. });
    open(&file).unwrap().close().await;
}

#[tokio::test]
async fn a_server_that_is_just_ending_is_waited_for() {
    let (_directory, file) = filled().await;
    let old = open(&file).unwrap();
    let new = std::thread::spawn(move || open(&file));
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(!new.is_finished());
    old.close().await;
    new.join().unwrap().unwrap().close().await;
}

#[tokio::test]
async fn a_link_leads_to_the_same_lock_and_the_same_log() {
    let (directory, file) = filled().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let sqlite = open(&file).unwrap();
    assert!(matches!(open(&link), Err(OpenError::Locked(_))));
    sqlite.close().await;
    open(&link).unwrap().close().await;
    assert_eq!((files(&directory).len(), files(&elsewhere).len()), (1, 1));
    // From where the program stands.
    assert!(matches!(open(Path::new("/")), Err(OpenError::NotADatabase(_))));
    assert!(matches!(open(Path::new("missing/chat.db")), Err(OpenError::NoDirectory(_))));
}

#[tokio::test]
async fn a_file_that_another_program_has_locked() {
    let (_directory, file) = filled().await;
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = open(&file).err().expect("is refused");
    assert!(matches!(error, OpenError::Locked(_)), "{error}");
    conn.execute_batch("ROLLBACK").unwrap();
    open(&file).unwrap().close().await;
}

#[tokio::test]
async fn names_of_files_may_be_strange() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a?b#c%20 d'ü.db");
    for _ in 0..2 {
        open(&file).unwrap().close().await;
    }
    assert_eq!(files(&directory).len(), 1);
}
