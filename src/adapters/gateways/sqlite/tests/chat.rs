//! A chat of one person, and ways to hold its writer up.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc as blocking,
    },
    task::{Context, Poll, Waker},
};

use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    adapters::gateways::sqlite::{Sqlite, SqliteFeed, SqliteOptions, writer::Batch},
    domain::{
        entities::{
            change::Change,
            ids::{ClientId, ConversationId, MessageId, UserId},
            message::{Body, Message},
            timestamp::Timestamp,
            user::{DisplayName, PasswordHash, User, Username},
        },
        error::{DomainError, Result},
        interfaces::{
            change_feed::ChangeFeed,
            message_repository::{MessageRepository, NewMessage, Window},
            user_repository::UserRepository,
        },
    },
};

pub struct Chat {
    pub sqlite: Sqlite,
    pub feed: SqliteFeed,
    pub ana: UserId,
    pub general: ConversationId,
    pub directory: TempDir,
}

/// UUIDs of version 7 that count up.
pub fn id() -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = u128::from(COUNT.fetch_add(1, Ordering::Relaxed));
    Uuid::from_u128((0x0198_0000_0000 + count / 3) << 80 | 7 << 76 | 2 << 62 | count)
}

pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

pub async fn chat(options: SqliteOptions) -> Chat {
    let directory = tempfile::tempdir().unwrap();
    let (sqlite, mut feed) = Sqlite::open(&directory.path().join("chat.db"), options).unwrap();
    let username = Username::parse("ana").unwrap();
    let ana = User {
        id: UserId::from_uuid(id()),
        display_name: DisplayName::from(&username),
        username,
        locale: None,
        avatar: None,
        created_at: Timestamp::from_millis(1),
        last_seen_at: None,
    };
    let general = ConversationId::from_uuid(id());
    sqlite.users().create(&ana, &PasswordHash::new("hash"), general).await.unwrap();
    feed.next().await.unwrap();
    Chat { sqlite, feed, ana: ana.id, general, directory }
}

impl Chat {
    pub fn new_message(&self, text: &str) -> NewMessage {
        NewMessage {
            id: MessageId::from_uuid(id()),
            conversation: self.general,
            sender: self.ana,
            client_id: ClientId::parse(&id().to_string()).unwrap(),
            body: Body::parse(text).unwrap(),
            attachments: Vec::new(),
            reply_to: None,
            created_at: Timestamp::from_millis(2),
        }
    }

    pub async fn send(&self, text: &str) -> Result<Message> {
        Ok(self.sqlite.messages().append(&self.new_message(text)).await?.0)
    }

    /// A send that stands in the queue already.
    pub fn queued(&self, text: &str) -> Pending<Message> {
        let (messages, new) = (self.sqlite.messages(), self.new_message(text));
        started(async move { Ok(messages.append(&new).await?.0) })
    }

    pub fn operation<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Batch<'_>) -> Result<T> + Send + 'static,
    ) -> Pending<T> {
        let database = self.sqlite.database.clone();
        started(async move { database.write(work).await })
    }

    /// Holds the writer up until the answer is dropped or used.
    pub fn hold(&self) -> (blocking::Sender<()>, Pending<()>) {
        let (release, held) = blocking::channel();
        let (begun, running) = blocking::channel::<()>();
        let operation = self.operation(move |_| {
            drop(begun);
            held.recv().ok();
            Ok(())
        });
        // Now it is alone in its batch.
        running.recv().ok();
        (release, operation)
    }

    pub async fn pragma(&self, sql: &str) {
        let sql = sql.to_owned();
        let run = self.operation(move |batch| {
            batch.conn.query_row(&sql, (), |_| Ok(()))?;
            Ok(())
        });
        run.await.unwrap();
    }

    pub fn changes(&mut self) -> Vec<u64> {
        let mut seqs = Vec::new();
        while let Ok(change) = self.feed.0.try_recv() {
            let Change::MessageCreated(message) = change else { panic!("{change:?}") };
            seqs.push(message.seq);
        }
        seqs
    }

    pub async fn stored(&self) -> Vec<u64> {
        let page = self.sqlite.messages().list(self.general, Window::Newest, 200).await.unwrap();
        page.messages.iter().map(|message| message.seq).collect()
    }
}

/// Polls once, so that it stands in the queue.
pub fn started<T: Send + 'static>(future: impl Future<Output = Result<T>> + Send + 'static) -> Pending<T> {
    let mut future: Pending<T> = Box::pin(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
        Poll::Pending => future,
    }
}

pub fn unavailable<T>(answer: Result<T>) -> bool {
    matches!(answer, Err(DomainError::Unavailable { .. }))
}
