//! What was answered is on the disk.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use chatconnect::{
    adapters::gateways::sqlite::{Sqlite, SqliteOptions},
    domain::{
        entities::{
            ids::MessageId,
            message::Message,
            session::{Session, SessionKey},
        },
        interfaces::message_repository::{NewMessage, SyncLimits, Window},
    },
};
use rusqlite::Connection;

use super::fixture::*;

fn open(path: &Path) -> (Sqlite, Backend) {
    let (sqlite, feed) = Sqlite::open(path, SqliteOptions::default()).unwrap();
    let db = of_sqlite(&sqlite, feed, ());
    (sqlite, db)
}

fn is_intact(path: &Path) {
    let conn = Connection::open(path).unwrap();
    let verdict: String = conn.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    conn.execute("INSERT INTO search (search) VALUES ('integrity-check')", ()).unwrap();
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    let (sqlite, db) = open(&file);
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    let session = Session {
        key: SessionKey::from_bytes([7; 16]),
        id: session_id(),
        user: ana,
        device: String::new(),
        created_at: at(1),
        last_seen_at: at(1),
        expires_at: at(100),
    };
    db.sessions.create(&session).await.unwrap();
    let (group, direct) = (db.group(ana, &[bob]).await, db.direct(ana, bob).await);
    let new = a_message(group, ana, "persistent words");
    let (sent, _) = db.messages.append(&new).await.unwrap();
    db.messages.react(sent.id, bob, &emoji("👍"), true).await.unwrap();
    db.send(direct, bob, "hello").await;
    db.conversations.mark_read(direct, ana, 1).await.unwrap();
    let limits = SyncLimits { messages: 10, recent: 10, reset_after: 10 };
    let everything = |db: Backend| async move {
        let sync = db.messages.sync(ana, &HashMap::new(), limits).await.unwrap();
        let found = db.find("persistent", bob).await;
        let sessions = db.sessions.list(ana, at(1)).await.unwrap();
        let users = db.users.search("", None, 9).await.unwrap();
        let list = db.messages.list(group, Window::Newest, 9).await.unwrap();
        (sync, found, sessions, users, list)
    };
    let before = everything(db).await;
    assert_eq!((before.1.len(), before.2.len()), (1, 1));
    sqlite.close().await;
    let (sqlite, db) = open(&file);
    assert_eq!(everything(db).await, before);
    let db = of_sqlite(&sqlite, NoFeed, ());
    let (again, created) = db.messages.append(&NewMessage { id: message_id(), ..new }).await.unwrap();
    assert_eq!((again.id, created), (sent.id, false));
    assert_eq!(db.send(group, bob, "next").await.seq, 2);
    sqlite.close().await;
    is_intact(&file);
}

struct NoFeed;

#[async_trait::async_trait]
impl chatconnect::domain::interfaces::change_feed::ChangeFeed for NoFeed {
    async fn next(&mut self) -> Option<chatconnect::domain::interfaces::change_feed::FeedEvent> {
        None
    }

    fn try_next(&mut self) -> Option<chatconnect::domain::interfaces::change_feed::FeedEvent> {
        None
    }
}

#[tokio::test]
async fn what_lies_on_the_disk_at_any_moment_is_a_whole_database() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    let (sqlite, db) = open(&file);
    let ana = db.user("ana").await;
    let general = db.general().await;
    let mut sent = Vec::new();
    for number in 0..50 {
        sent.push(db.send(general, ana, &format!("message {number}")).await);
    }
    // As a power cut would leave it; and with the end of the log torn off.
    for torn in [0, 1, 5_000] {
        let image = directory.path().join(format!("image{torn}.db"));
        fs::copy(&file, &image).unwrap();
        let log = fs::read(directory.path().join("chat.db-wal")).unwrap();
        let log_image = directory.path().join(format!("image{torn}.db-wal"));
        fs::write(&log_image, &log[..log.len() - torn]).unwrap();
        let (copy, found) = open(&image);
        let page = found.messages.list(general, Window::Newest, 200).await.unwrap();
        assert!(if torn == 0 { page.messages == sent } else { sent.starts_with(&page.messages) });
        assert_eq!(found.send(general, ana, "next").await.seq, page.messages.len() as u64 + 1);
        copy.close().await;
        is_intact(&image);
    }
    sqlite.close().await;
}

/// Not a test by itself: what `killed_under_load` kills. Sends without end and prints what was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs inside killed_under_load"]
#[expect(clippy::disallowed_methods, reason = "no id may come again in the next process")]
async fn sends_until_it_is_killed() {
    let Ok(file) = std::env::var("CHATCONNECT_TEST_FILE") else { return };
    let (_sqlite, db) = open(Path::new(&file));
    let db = Arc::new(db);
    let ana = db.users.find_with_hash(&username("ana")).await.unwrap().unwrap().0.id;
    let general = db.general().await;
    let feed = db.clone();
    tokio::spawn(async move { while feed.change().await.is_some() {} });
    let senders = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            loop {
                let id = MessageId::from_uuid(uuid::Uuid::now_v7());
                let client_id = chatconnect::domain::entities::ids::ClientId::parse(&id.to_string()).unwrap();
                let new = NewMessage { id, client_id, ..a_message(general, ana, &format!("findme {id}")) };
                let (message, _) = db.messages.append(&new).await.unwrap();
                println!("acked {} {}", message.id, message.seq);
            }
        })
    });
    futures_util::future::join_all(senders).await;
}

#[tokio::test]
async fn killed_under_load() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chat.db");
    let (sqlite, db) = open(&file);
    db.user("ana").await;
    sqlite.close().await;
    let mut acked: HashMap<String, u64> = HashMap::new();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "gateways::sqlite_durability::sends_until_it_is_killed",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env("CHATCONNECT_TEST_FILE", &file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let words = |line: String| {
            let (id, seq) = line.rsplit_once("acked ")?.1.split_once(' ')?;
            Some((id.to_owned(), seq.parse().ok()?))
        };
        let mut answered: Vec<(String, u64)> = Vec::new();
        for answer in lines.filter_map(words) {
            answered.push(answer);
            // In the middle of its work; what it had printed by then is still read.
            if answered.len() == 100 + 83 * round {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(answered.len() >= 100 + 83 * round, "round {round} ended early");
        acked.extend(answered);
    }
    let (sqlite, db) = open(&file);
    let general = db.general().await;
    let mut stored: Vec<Message> = Vec::new();
    loop {
        let after = Window::After(stored.len() as u64);
        let page = db.messages.list(general, after, 200).await.unwrap();
        stored.extend(page.messages);
        if !page.has_more {
            break;
        }
    }
    assert!(stored.iter().map(|message| message.seq).eq(1..=stored.len() as u64));
    let places: HashMap<_, _> = stored.iter().map(|message| (message.id.to_string(), message.seq)).collect();
    assert_eq!(places.len(), stored.len());
    for (id, seq) in &acked {
        assert_eq!(places.get(id), Some(seq), "{id} was answered and is not there");
    }
    sqlite.close().await;
    is_intact(&file);
}
