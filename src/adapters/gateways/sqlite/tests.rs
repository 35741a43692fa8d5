//! What only the inside can bring about: a writer that is held up, a commit that fails, an operation that panics.

use std::{path::Path, sync::mpsc as blocking, time::Duration};

use super::*;
use crate::domain::{
    entities::{
        change::Change,
        ids::UserId,
        message::Emoji,
        timestamp::Timestamp,
        user::{DisplayName, PasswordHash, User, Username},
    },
    error::DomainError,
    interfaces::{
        change_feed::{ChangeFeed, FeedEvent},
        conversation_repository::ConversationRepository,
        health::Health,
        message_repository::MessageRepository,
        user_repository::UserRepository,
    },
};

mod chat;

use chat::{Chat, Pending, chat, id, unavailable};

#[tokio::test]
async fn one_that_fails_leaves_the_others_of_its_batch_alone() {
    let mut chat = chat(SqliteOptions::default()).await;
    let (release, _held) = chat.hold();
    let first = chat.queued("first");
    let (ana, general) = (chat.ana, chat.general);
    let failing: Pending<()> = chat.operation(move |batch| {
        conversations::next_rev(batch.conn, general)?;
        batch.conn.execute("UPDATE members SET read_seq = 9 WHERE user = ?", (ana,))?;
        batch.publish(Change::ConversationDeleted(general));
        batch.unindex(1);
        Err(DomainError::Forbidden)
    });
    let panicking: Pending<()> = chat.operation(move |batch| {
        conversations::next_rev(batch.conn, general)?;
        let mut open = batch.conn.prepare_cached("SELECT * FROM messages")?;
        let _rows = open.query(())?;
        panic!("on purpose");
    });
    let second = chat.queued("second");
    drop(release);
    assert_eq!((first.await.unwrap().rev, second.await.unwrap().rev), (1, 2));
    assert!(matches!(failing.await, Err(DomainError::Forbidden)));
    assert!(matches!(panicking.await, Err(DomainError::Internal(_))));
    assert_eq!(chat.changes(), [1, 2]);
    let view = chat.sqlite.conversations().view(general, ana).await.unwrap();
    assert_eq!((view.conversation.rev, view.read_seq), (2, 2));
}

#[tokio::test]
async fn a_commit_that_fails_loses_its_batch_and_nothing_else() {
    let mut chat = chat(SqliteOptions::default()).await;
    chat.send("before").await.unwrap();
    let (release, _held) = chat.hold();
    let first = chat.queued("lost");
    // Breaks a promise that is checked at the commit only.
    let breaking = chat.operation(|batch| {
        batch.conn.execute_batch("PRAGMA defer_foreign_keys = ON")?;
        batch.conn.execute("INSERT INTO user_names (name, user) VALUES ('nobody', x'00')", ())?;
        Ok(())
    });
    let refused: Pending<()> = chat.operation(|_| Err(DomainError::Forbidden));
    drop(release);
    assert!(unavailable(first.await) && unavailable(breaking.await) && unavailable(refused.await));
    assert_eq!((chat.changes(), chat.stored().await), (vec![1], vec![1]));
    assert_eq!(chat.send("after").await.unwrap().seq, 2);
    assert_eq!(chat.changes(), [2]);
}

#[tokio::test]
async fn a_full_disk_is_survived() {
    let mut chat = chat(SqliteOptions::default()).await;
    let before = chat.send("before").await.unwrap();
    chat.pragma("PRAGMA max_page_count = 1").await;
    let long = "many different words: ".to_owned()
        + &(0..900).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ");
    let mut answered = 1;
    // What still fits into half-filled pages is stored; the rest is refused, all with the same answer.
    let (mut refused, mut tries) = (Vec::new(), 0);
    while refused.len() < 3 && tries < 100 {
        tries += 1;
        let new = chat.new_message(&long);
        match chat.sqlite.messages().append(&new).await {
            Ok((message, true)) => {
                answered += 1;
                assert_eq!(message.seq, answered);
            }
            Err(DomainError::Unavailable { .. }) => refused.push(new),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused.len(), 3);
    assert_eq!(chat.changes(), (1..=answered).collect::<Vec<_>>());
    assert_eq!(chat.stored().await, (1..=answered).collect::<Vec<_>>());
    assert_eq!(chat.sqlite.messages().find(before.id).await.unwrap(), Some(before));
    // When there is room again, the same sends succeed.
    chat.pragma("PRAGMA max_page_count = 1000000").await;
    for new in refused {
        let (message, created) = chat.sqlite.messages().append(&new).await.unwrap();
        answered += 1;
        assert_eq!((message.seq, created), (answered, true));
    }
    chat.sqlite.health().ready().await.unwrap();
}

#[tokio::test]
async fn too_many_writes_are_refused_at_once() {
    let chat = chat(SqliteOptions { waiting_writes: 3, ..SqliteOptions::default() }).await;
    let (release, held) = chat.hold();
    let waiting: Vec<_> = (0..3).map(|number| chat.queued(&format!("n{number}"))).collect();
    assert!(unavailable(chat.send("too many").await));
    assert!(unavailable(chat.sqlite.health().ready().await));
    // Reading goes on.
    assert!(chat.stored().await.is_empty());
    drop(release);
    held.await.unwrap();
    for (number, send) in waiting.into_iter().enumerate() {
        assert_eq!(send.await.unwrap().seq, number as u64 + 1);
    }
    assert_eq!(chat.send("now").await.unwrap().seq, 4);
}

#[tokio::test]
async fn writing_waits_for_the_feed_to_be_read() {
    let mut chat = chat(SqliteOptions { waiting_changes: 2, ..SqliteOptions::default() }).await;
    chat.send("one").await.unwrap();
    chat.send("two").await.unwrap();
    let mut third = chat.queued("three");
    let early = tokio::time::timeout(Duration::from_millis(100), &mut third).await;
    assert!(early.is_err(), "answered before it was in the feed");
    // Durable already.
    assert_eq!(chat.stored().await, [1, 2, 3]);
    chat.feed.next().await.unwrap();
    assert_eq!(third.await.unwrap().seq, 3);
    assert_eq!(chat.changes(), [2, 3]);
    // A feed that is gone holds nothing up.
    let Chat { sqlite, feed, .. } = &mut chat;
    feed.0.close();
    let messages = sqlite.messages();
    for _ in 0..5 {
        messages.append(&chat.new_message("on")).await.unwrap();
    }
}

#[tokio::test]
async fn a_change_is_told_after_it_is_durable_and_before_it_is_answered() {
    let mut chat = chat(SqliteOptions::default()).await;
    let mut send = chat.queued("hello");
    let Some(FeedEvent::Change(Change::MessageCreated(told))) = chat.feed.next().await else { panic!() };
    // Another connection sees it: the transaction is over.
    assert_eq!(chat.sqlite.messages().find(told.id).await.unwrap().as_ref(), Some(&*told));
    assert_eq!((&mut send).await.unwrap(), *told);
    chat.send("next").await.unwrap();
    assert_eq!(chat.changes(), [2]);
}

#[tokio::test]
async fn closing_finishes_what_waits() {
    let mut chat = chat(SqliteOptions::default()).await;
    let (release, _held) = chat.hold();
    let waiting: Vec<_> = (0..300).map(|number| chat.queued(&format!("n{number}"))).collect();
    let sqlite = chat.sqlite.clone();
    let closing = tokio::spawn(async move { sqlite.close().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(release);
    for (number, send) in waiting.into_iter().enumerate() {
        assert_eq!(send.await.unwrap().seq, number as u64 + 1);
    }
    closing.await.unwrap();
    assert_eq!(chat.changes().len(), 300);
    assert!(chat.feed.next().await.is_none());
    assert!(unavailable(chat.send("late").await));
    assert!(!Path::new(&chat.directory.path().join("chat.db-wal")).exists());
}

#[tokio::test]
async fn the_longest_standing_admin_inherits() {
    let chat = chat(SqliteOptions::default()).await;
    let mut people = vec![chat.ana];
    for name in ["bob", "carl"] {
        let username = Username::parse(name).unwrap();
        let user = User {
            id: UserId::from_uuid(id()),
            display_name: DisplayName::from(&username),
            username,
            locale: None,
            avatar: None,
            created_at: Timestamp::from_millis(5),
            last_seen_at: None,
        };
        chat.sqlite.users().create(&user, &PasswordHash::new("hash"), chat.general).await.unwrap();
        people.push(user.id);
    }
    // No port appoints admins yet.
    let (owner, admin) = (people[0], people[2]);
    let appoint = chat.operation(move |batch| {
        let mut update = batch.conn.prepare("UPDATE members SET role = ? WHERE user = ?")?;
        update.execute(("owner", owner))?;
        update.execute(("admin", admin))?;
        Ok(())
    });
    appoint.await.unwrap();
    chat.sqlite.conversations().remove_member(chat.general, owner).await.unwrap();
    let role = chat.sqlite.conversations().role_of(chat.general, admin).await.unwrap();
    assert_eq!(role, Some(crate::domain::entities::conversation::Role::Owner));
}

#[tokio::test]
async fn nothing_is_left_of_what_was_deleted() {
    let chat = chat(SqliteOptions::default()).await;
    let messages = chat.sqlite.messages();
    let sent = [chat.send("first words").await.unwrap(), chat.send("second words").await.unwrap()];
    for message in &sent {
        messages.react(message.id, chat.ana, &Emoji::parse("👍").unwrap(), true).await.unwrap();
    }
    let left = |table: &'static str| {
        let database = chat.sqlite.database.clone();
        let sql = format!("SELECT count(*) FROM {table}");
        async move {
            database
                .read(move |conn| Ok(conn.query_row(&sql, (), |row| row.get::<_, i64>(0))?))
                .await
                .unwrap()
        }
    };
    messages.delete(sent[0].id, Timestamp::from_millis(9)).await.unwrap();
    assert_eq!((left("messages").await, left("reactions").await, left("search").await), (2, 1, 1));
    chat.sqlite.conversations().delete(chat.general).await.unwrap();
    for table in ["conversations", "members", "messages", "reactions", "search"] {
        assert_eq!(left(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_reading_sees_one_moment() {
    let chat = chat(SqliteOptions::default()).await;
    chat.send("one").await.unwrap();
    let (resume, resumed) = blocking::channel::<()>();
    let (begun, running) = tokio::sync::oneshot::channel();
    let database = chat.sqlite.database.clone();
    let reading = tokio::spawn(async move {
        let count = |conn: &Connection| {
            conn.query_row("SELECT count(*) FROM messages", (), |row| row.get::<_, i64>(0))
        };
        let look = move |conn: &Connection| {
            let before = count(conn)?;
            begun.send(()).ok();
            resumed.recv().ok();
            Ok((before, count(conn)?))
        };
        database.read(look).await.unwrap()
    });
    running.await.unwrap();
    chat.send("two").await.unwrap();
    drop(resume);
    assert_eq!(reading.await.unwrap(), (1, 1));
}

#[tokio::test]
async fn a_reading_that_panics_gives_its_connection_back() {
    let chat = chat(SqliteOptions { readers: 1, ..SqliteOptions::default() }).await;
    let panicking: Result<()> = chat.sqlite.database.read(|_| panic!("on purpose")).await;
    assert!(matches!(panicking, Err(DomainError::Internal(_))));
    assert!(chat.stored().await.is_empty());
}

#[tokio::test]
async fn every_commit_is_synced() {
    let chat = chat(SqliteOptions::default()).await;
    let settings = chat.operation(|batch| {
        let ask = |sql: &str| batch.conn.query_row(sql, (), |row| row.get::<_, rusqlite::types::Value>(0));
        Ok((ask("PRAGMA journal_mode")?, ask("PRAGMA synchronous")?, ask("PRAGMA foreign_keys")?))
    });
    // 2 is FULL: the log is synced before a commit returns (https://www.sqlite.org/pragma.html#pragma_synchronous).
    assert_eq!(settings.await.unwrap(), ("wal".to_owned().into(), 2_i64.into(), 1_i64.into()));
}
