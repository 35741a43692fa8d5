//! Copies of a file that is in use.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use chatconnect::{
    adapters::gateways::sqlite::{OpenError, Sqlite, SqliteBackup, SqliteOptions, SqliteSource},
    domain::interfaces::{archive::ArchiveSource, message_repository::Window},
};
use rusqlite::Connection;

use super::fixture::*;

fn open(path: &Path) -> (Sqlite, Backend) {
    let (sqlite, feed) = Sqlite::open(path, SqliteOptions::default()).unwrap();
    let db = of_sqlite(&sqlite, feed, ());
    (sqlite, db)
}

fn backup(from: &Path, to: &Path) -> Result<(), String> {
    let backup = SqliteBackup::open(from).map_err(|error| error.to_string())?;
    backup.write(to).map_err(|error| error.to_string())
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_of_a_file_that_is_written_to_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    let (sqlite, db) = open(&file);
    let db = Arc::new(db);
    let (ana, general) = (db.user("ana").await, db.general().await);
    for number in 0..50 {
        db.send(general, ana, &format!("before {number}")).await;
    }
    let writer = db.clone();
    let writing = tokio::spawn(async move {
        for number in 0..300 {
            writer.send(general, ana, &format!("during {number}")).await;
        }
    });
    let mut copies = Vec::new();
    while !writing.is_finished() {
        let page = db.messages.list(general, Window::Newest, 1).await.unwrap();
        let copy = directory.path().join(format!("copy{}.db", copies.len()));
        let (from, to) = (file.clone(), copy.clone());
        tokio::task::spawn_blocking(move || backup(&from, &to)).await.unwrap().unwrap();
        copies.push((copy, page.messages[0].seq));
    }
    writing.await.unwrap();
    sqlite.close().await;
    assert!(copies.len() > 1);
    for (copy, at_least) in copies {
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let conn = Connection::open(&copy).unwrap();
        let verdict: String = conn.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok");
        conn.execute("INSERT INTO search (search) VALUES ('integrity-check')", ()).unwrap();
        drop(conn);
        let (sqlite, db) = open(&copy);
        let seq = db.view(general, ana).await.conversation.last_seq;
        assert!(seq >= at_least, "{seq} of {at_least}");
        assert_eq!(db.find("before", ana).await.len(), 50);
        assert_eq!(db.send(general, ana, "next").await.seq, seq + 1);
        sqlite.close().await;
    }
}

#[tokio::test]
async fn a_backup_replaces_nothing_and_leaves_nothing_half() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    let refused = |to: &Path| backup(&file, to).expect_err("is refused");
    assert!(refused(&directory.path().join("copy")).contains("there is no database"));
    let (sqlite, db) = open(&file);
    db.user("ana").await;
    sqlite.close().await;
    let before = names(directory.path());
    let there = directory.path().join("there");
    fs::write(&there, "mine").unwrap();
    assert!(refused(&there).contains("exists already"));
    assert_eq!(fs::read(&there).unwrap(), b"mine");
    fs::remove_file(&there).unwrap();
    assert!(refused(&directory.path().join("missing/copy")).contains("missing/copy"));
    // Large enough to be interrupted in the middle of it.
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch("CREATE TABLE ballast AS SELECT randomblob(64000000) AS ballast").unwrap();
    drop(conn);
    let backup = SqliteBackup::open(&file).unwrap();
    let interrupt = backup.interrupt_handle();
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = stop.clone();
    let interrupting = std::thread::spawn(move || {
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            interrupt.interrupt();
        }
    });
    let outcome = backup.write(&directory.path().join("copy"));
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    interrupting.join().unwrap();
    assert!(outcome.is_err());
    assert_eq!(names(directory.path()), before);
}

#[tokio::test]
async fn reading_leaves_nothing_beside_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    let (sqlite, db) = open(&file);
    db.user("ana").await;
    sqlite.close().await;
    let (before, bytes) = (names(directory.path()), fs::read(&file).unwrap());
    let source = SqliteSource::open(&file).unwrap();
    assert_eq!(source.counts().await.unwrap().users, 1);
    drop(source);
    assert_eq!((names(directory.path()), fs::read(&file).unwrap()), (before, bytes));
    // One that wants the file alone is refused while somebody serves it, and keeps servers away.
    let (sqlite, _db) = open(&file);
    assert!(matches!(SqliteSource::open_alone(&file), Err(OpenError::Locked(_))));
    sqlite.close().await;
    let alone = SqliteSource::open_alone(&file).unwrap();
    assert!(matches!(Sqlite::open(&file, SqliteOptions::default()), Err(OpenError::Locked(_))));
    drop(alone);
    open(&file).0.close().await;
}

#[tokio::test]
async fn a_source_shows_one_moment() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    let (sqlite, db) = open(&file);
    let (ana, general) = (db.user("ana").await, db.general().await);
    db.send(general, ana, "before").await;
    let source = SqliteSource::open(&file).unwrap();
    db.send(general, ana, "after").await;
    db.user("bob").await;
    let counts = source.counts().await.unwrap();
    assert_eq!((counts.users, counts.messages, source.users(None, 9).await.unwrap().len()), (1, 1, 1));
    assert_eq!(source.messages(None, 9).await.unwrap().len(), 1);
    drop(source);
    sqlite.close().await;
}
