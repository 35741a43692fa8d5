//! Everything that a database holds, in the canonical order.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        archive::{Key, Kind, Record},
        timestamp::Timestamp,
    },
    error::{Result, archive::ArchiveError},
    interfaces::archive::ArchiveSource,
};

/// How many records are held at once. A message has 32 KB at most, without its reactions.
const PAGE: u32 = 2_000;

/// Records in the canonical order.
#[async_trait]
pub(super) trait Records: Send {
    /// Some of them; none at the end.
    async fn next(&mut self) -> Result<Vec<Record>, ArchiveError>;
}

pub(super) struct Walk<'s> {
    source: &'s dyn ArchiveSource,
    /// `None` at the end.
    kind: Option<Kind>,
    after: Option<Key>,
    now: Timestamp,
}

impl<'s> Walk<'s> {
    /// From the beginning, without the sessions that have expired at `now`.
    pub fn new(source: &'s dyn ArchiveSource, now: Timestamp) -> Self {
        Self::after(source, None, now)
    }

    /// From behind a record.
    pub fn after(source: &'s dyn ArchiveSource, last: Option<Key>, now: Timestamp) -> Self {
        Self { source, kind: Some(last.map_or(Kind::User, Key::kind)), after: last, now }
    }

    async fn page(&self, kind: Kind) -> Result<Vec<Record>> {
        let source = self.source;
        Ok(match (kind, self.after) {
            (Kind::User, Some(Key::User(id))) => all(Record::User, source.users(Some(id), PAGE).await?),
            (Kind::User, _) => all(Record::User, source.users(None, PAGE).await?),
            (Kind::Gone, Some(Key::Gone(id))) => all(Record::Gone, source.gone(Some(id), PAGE).await?),
            (Kind::Gone, _) => all(Record::Gone, source.gone(None, PAGE).await?),
            (Kind::Session, Some(Key::Session(key))) => {
                all(Record::Session, source.sessions(Some(key), PAGE).await?)
            }
            (Kind::Session, _) => all(Record::Session, source.sessions(None, PAGE).await?),
            (Kind::Conversation, Some(Key::Conversation(id))) => {
                all(Record::Conversation, source.conversations(Some(id), PAGE).await?)
            }
            (Kind::Conversation, _) => all(Record::Conversation, source.conversations(None, PAGE).await?),
            (Kind::Member, Some(Key::Member(id, user))) => {
                all(Record::Member, source.members(Some((id, user)), PAGE).await?)
            }
            (Kind::Member, _) => all(Record::Member, source.members(None, PAGE).await?),
            (Kind::Message, Some(Key::Message(id))) => {
                all(Record::Message, source.messages(Some(id), PAGE).await?)
            }
            (Kind::Setting, Some(_)) => Vec::new(),
            (Kind::Setting, None) => {
                source.registration().await?.map(Record::Registration).into_iter().collect()
            }
            (Kind::Block, Some(Key::Block(blocker, blocked))) => {
                all(Record::Block, source.blocks(Some((blocker, blocked)), PAGE).await?)
            }
            (Kind::Block, _) => all(Record::Block, source.blocks(None, PAGE).await?),
            (Kind::Message, _) => all(Record::Message, source.messages(None, PAGE).await?),
        })
    }
}

fn all<T>(record: fn(T) -> Record, rows: Vec<T>) -> Vec<Record> {
    rows.into_iter().map(record).collect()
}

#[async_trait]
impl Records for Walk<'_> {
    async fn next(&mut self) -> Result<Vec<Record>, ArchiveError> {
        while let Some(kind) = self.kind {
            let mut records = self.page(kind).await?;
            match records.last() {
                Some(last) => self.after = Some(last.key()),
                None => (self.kind, self.after) = (kind.next(), None),
            }
            records.retain(|record| !record.has_expired(self.now));
            if !records.is_empty() {
                return Ok(records);
            }
        }
        Ok(Vec::new())
    }
}
