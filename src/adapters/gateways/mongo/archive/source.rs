use std::{collections::HashMap, ops::DerefMut};

use async_trait::async_trait;
use mongodb::{
    ClientSession, Database as Db,
    bson::{Binary, Bson, Document, RawDocumentBuf, doc, oid::ObjectId, spec::BinarySubtype},
    options::{FindOptions, Hint, SessionOptions},
};
use serde::Deserialize;
use tokio::sync::{Mutex, MutexGuard};

use super::{Topology, alone, least, patient, reach};
use crate::{
    adapters::gateways::mongo::{
        accounts::{self, ADMIN, BANNED_AT, DELETED_AT},
        adoption,
        connect::OpenError,
        errors::{Failure, timely},
        marks, members, nodes,
        reads::Reads,
        rows::{self, StoredConversation, StoredMember, StoredMessage},
        schema::{
            self, BLOCKS, BY_ID, CONVERSATIONS, MEMBERS, MESSAGES, SESSIONS, SESSIONS_BY_KEY, SETTINGS, USERS,
        },
        sessions, users,
        values::{Fields, Id},
        views,
    },
    domain::{
        entities::{
            archive::{
                ArchivedBlock, ArchivedConversation, ArchivedGone, ArchivedMember, ArchivedUser, Counts,
            },
            ids::{ConversationId, MessageId, UserId},
            message::Message,
            registration::Registration,
            session::{Session, SessionKey},
            user::PasswordHash,
        },
        error::Result,
        interfaces::archive::ArchiveSource,
    },
};

/// Of how many conversations the ends are looked up at once.
const ENDS: usize = 200;

/// Everything that a database holds.
pub struct MongoSource {
    db: Db,
    /// In which all see the same moment, when others may write meanwhile.
    session: Mutex<Option<ClientSession>>,
    /// Conversations that were deleted, and whose messages are not all gone yet.
    deleted: Vec<Bson>,
    waiting: u64,
}

impl MongoSource {
    /// A database that may be served meanwhile: one moment of it, where the server can do that.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::reached(url, false).await
    }

    /// A database that no server uses. That none begins to is for whoever asks to see to.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy.
    pub async fn open_alone(url: &str) -> Result<Self, OpenError> {
        Self::reached(url, true).await
    }

    async fn reached(url: &str, is_alone: bool) -> Result<Self, OpenError> {
        let (clients, topology) = reach(url).await?;
        let db = clients.db;
        let failed = |failure| schema::failed(&db, failure);
        let database = || db.name().to_owned();
        match schema::versions(&db).await.map_err(failed)? {
            (0, _) => return Err(OpenError::Missing { database: database() }),
            (found, known) if found < known => return Err(OpenError::Older { database: database() }),
            (found, known) if found > known => {
                return Err(OpenError::Newer { database: database(), found, known });
            }
            _ => {}
        }
        if let Some(origin) = super::unfinished(&db).await.map_err(failed)? {
            return Err(OpenError::Unfinished { database: database(), origin });
        }
        if is_alone {
            alone(&db).await?;
        }
        // A moment is kept for minutes only; where nobody writes, none is needed.
        let is_served = !nodes::alive(&db).await.map_err(failed)?.is_empty();
        let session = if is_served && topology == Topology::ReplicaSet {
            let options = SessionOptions::builder().snapshot(true).build();
            let started = timely(clients.client.start_session().with_options(options)).await;
            Some(started.map_err(failed)?)
        } else {
            None
        };
        let mut source = Self::of(db.clone());
        source.session = Mutex::new(session);
        source.look_around().await.map_err(failed)?;
        Ok(source)
    }

    /// What is being filled.
    pub(super) fn of(db: Db) -> Self {
        Self { db, session: Mutex::new(None), deleted: Vec::new(), waiting: 0 }
    }

    /// How many people of another application have not signed in yet, and so are not among the records.
    pub const fn waiting(&self) -> u64 {
        self.waiting
    }

    async fn look_around(&mut self) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Deleted {
            #[serde(rename = "_id")]
            id: mongodb::bson::Uuid,
        }
        let mut lent = self.lend().await;
        let only = FindOptions::builder().projection(doc! { "_id": 1 }).build();
        let found = lent.reads.find(MESSAGES, doc! { "deleted": true }, Some(only)).await?;
        let deleted = found.iter().map(|found| rows::read(found).map(|found: Deleted| Bson::from(found.id)));
        let deleted = deleted.collect::<Result<_>>()?;
        let waiting = count(&mut lent.reads, USERS, adoption::waiting()).await?;
        drop(lent);
        (self.deleted, self.waiting) = (deleted, waiting);
        Ok(())
    }

    async fn lend(&self) -> Lent<'_> {
        let mut home = self.session.lock().await;
        let session = home.take();
        Lent { reads: Reads::alone(&self.db, session), home }
    }

    async fn find(
        &self,
        collection: &str,
        filter: Document,
        sort: &str,
        limit: u32,
    ) -> Result<Vec<RawDocumentBuf>> {
        let index = if collection == SESSIONS { SESSIONS_BY_KEY } else { BY_ID };
        let options = FindOptions::builder()
            .sort(doc! { sort: 1 })
            .limit(i64::from(limit))
            .hint(Hint::Name(index.to_owned()))
            // What can be made again.
            .projection(doc! { "tokens": 0, "revs": 0, "nameKeys": 0 })
            .build();
        let mut lent = self.lend().await;
        patient(lent.reads.find(collection, filter, Some(options))).await
    }
}

/// The way to the database, which goes back where it came from, whatever happens.
struct Lent<'s> {
    reads: Reads<'s>,
    home: MutexGuard<'s, Option<ClientSession>>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        *self.home.deref_mut() = self.reads.session.take();
    }
}

async fn count(reads: &mut Reads<'_>, collection: &str, filter: Document) -> Result<u64, Failure> {
    #[derive(Deserialize)]
    struct Count {
        count: u64,
    }
    let pipeline = vec![doc! { "$match": filter }, doc! { "$count": "count" }];
    let counted = reads.aggregate(collection, pipeline).await?;
    Ok(counted
        .first()
        .map(|counted| rows::read::<Count>(counted))
        .transpose()?
        .map_or(0, |found| found.count))
}

fn after<T: Id>(id: Option<T>) -> Document {
    match id {
        Some(id) => doc! { "$gt": id.bson() },
        None => doc! { "$gte": least() },
    }
}

/// People of another application keep the id that they had there, which sorts elsewhere in the database: those that come
/// after somebody.
fn adopted_after(user: Option<UserId>) -> Document {
    let Some(user) = user else {
        return doc! { "$gte": ObjectId::from_bytes([0; 12]) };
    };
    let bytes = user.as_bytes();
    let mut id = [0; 12];
    id[..6].copy_from_slice(&bytes[..6]);
    match adoption::MARK.as_slice().cmp(&bytes[6..10]) {
        std::cmp::Ordering::Greater => doc! { "$gte": ObjectId::from_bytes(id) },
        std::cmp::Ordering::Less => {
            id[6..].fill(0xff);
            doc! { "$gt": ObjectId::from_bytes(id) }
        }
        std::cmp::Ordering::Equal => {
            id[6..].copy_from_slice(&bytes[10..]);
            doc! { "$gt": ObjectId::from_bytes(id) }
        }
    }
}

fn person(document: &RawDocumentBuf) -> Result<ArchivedUser> {
    let document: Document = rows::read(document)?;
    // Whose password is of another application's kind stays somebody who cannot sign in.
    let hash = users::hash(&document)?.unwrap_or_else(|| PasswordHash::new("*"));
    let banned_at = document.maybe_at(BANNED_AT)?;
    Ok(ArchivedUser { user: users::user(&document)?, hash, admin: document.flag(ADMIN), banned_at })
}

fn gone(document: &RawDocumentBuf) -> Result<ArchivedGone> {
    let document: Document = rows::read(document)?;
    let id = match document.get("_id") {
        Some(Bson::ObjectId(id)) => adoption::user_id(*id),
        _ => document.id("_id")?,
    };
    Ok(ArchivedGone { id, deleted_at: document.at(DELETED_AT)? })
}

#[async_trait]
impl ArchiveSource for MongoSource {
    async fn users(&self, after_id: Option<UserId>, limit: u32) -> Result<Vec<ArchivedUser>> {
        let mut people = Vec::new();
        for ids in [after(after_id), adopted_after(after_id)] {
            let found = self.find(USERS, users::with_account(ids), "_id", limit).await?;
            people.extend(found.iter().map(person).collect::<Result<Vec<_>>>()?);
        }
        people.sort_unstable_by_key(|person| person.user.id);
        people.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(people)
    }

    async fn gone(&self, after_id: Option<UserId>, limit: u32) -> Result<Vec<ArchivedGone>> {
        let mut people = Vec::new();
        for ids in [after(after_id), adopted_after(after_id)] {
            let filter = doc! { "_id": ids, DELETED_AT: { "$exists": true } };
            let found = self.find(USERS, filter, "_id", limit).await?;
            people.extend(found.iter().map(gone).collect::<Result<Vec<_>>>()?);
        }
        people.sort_unstable_by_key(|gone| gone.id);
        people.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(people)
    }

    async fn registration(&self) -> Result<Option<Registration>> {
        let mut lent = self.lend().await;
        let found = patient(lent.reads.find(SETTINGS, accounts::of_registration(), None)).await?;
        found.first().map(|found| accounts::mode(&rows::read(found)?)).transpose()
    }

    async fn sessions(&self, after: Option<SessionKey>, limit: u32) -> Result<Vec<Session>> {
        let after = after.as_ref().map_or_else(
            // The shortest one sorts first.
            || Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: Vec::new() }),
            sessions::binary,
        );
        let found = self.find(SESSIONS, doc! { "_id.key": { "$gt": after } }, "_id.key", limit).await?;
        found.iter().map(|found| sessions::session(&rows::read(found)?)).collect()
    }

    async fn conversations(
        &self,
        after_id: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ArchivedConversation>> {
        let found = self.find(CONVERSATIONS, doc! { "_id": after(after_id) }, "_id", limit).await?;
        let stored =
            found.iter().map(|found| rows::read(found)).collect::<Result<Vec<StoredConversation>>>()?;
        let mut heads = HashMap::with_capacity(stored.len());
        for some in stored.chunks(ENDS) {
            let ids: Vec<ConversationId> = some.iter().map(|stored| stored.id.0).collect();
            heads.extend(patient(views::heads(&mut self.lend().await.reads, &ids)).await?);
        }
        let conversation = |stored: &StoredConversation| {
            Ok(ArchivedConversation {
                id: stored.id.0,
                kind: rows::kind(&stored.kind)?,
                title: rows::title(stored.title.as_deref())?,
                general: stored.general == Some(true),
                rev: heads.get(&stored.id.0).map_or(0, |head| head.rev),
                created_at: stored.created_at.0,
            })
        };
        stored.iter().map(conversation).collect()
    }

    async fn members(
        &self,
        after: Option<(ConversationId, UserId)>,
        limit: u32,
    ) -> Result<Vec<ArchivedMember>> {
        /// With the newest message that they sent.
        #[derive(Deserialize)]
        struct Found {
            member: StoredMember,
            own: Vec<Own>,
        }
        #[derive(Deserialize)]
        struct Own {
            seq: u64,
        }
        let after = match after {
            Some((conversation, user)) => doc! { "_id": { "$gt": members::key(conversation, user) } },
            None => doc! {},
        };
        let sent = vec![
            doc! { "$match": { "$expr": { "$and": [
                { "$eq": ["$conversation", "$$conversation"] },
                { "$eq": ["$sender", "$$user"] },
            ] } } },
            doc! { "$sort": { "seq": -1 } },
            doc! { "$limit": 1 },
            doc! { "$project": { "_id": 0, "seq": 1 } },
        ];
        let pipeline = vec![
            doc! { "$match": after },
            doc! { "$sort": { "_id": 1 } },
            doc! { "$limit": i64::from(limit) },
            doc! { "$project": { "member": "$$ROOT" } },
            doc! { "$lookup": {
                "from": MESSAGES,
                "let": { "conversation": "$_id.conversation", "user": "$_id.user" },
                "pipeline": sent,
                "as": "own",
            } },
        ];
        let found = patient(self.lend().await.reads.aggregate(MEMBERS, pipeline)).await?;
        let member = |found: &RawDocumentBuf| {
            let Found { member, own } = rows::read(found)?;
            Ok(ArchivedMember {
                conversation: member.key.conversation.0,
                user: member.key.user.0,
                role: rows::role(&member.role)?,
                joined_at: member.joined_at.0,
                read_seq: own.first().map_or(0, |own| own.seq).max(member.read.seq),
                muted: member.muted,
                pinned: member.pinned,
                unread: member.unread,
            })
        };
        found.iter().map(member).collect()
    }

    async fn messages(&self, after_id: Option<MessageId>, limit: u32) -> Result<Vec<Message>> {
        let mut filter = doc! { "_id": after(after_id), "seq": { "$gt": 0 } };
        if !self.deleted.is_empty() {
            filter.insert("conversation", doc! { "$nin": &self.deleted });
        }
        let found = self.find(MESSAGES, filter, "_id", limit).await?;
        found.iter().map(|found| rows::read::<StoredMessage<'_>>(found)?.naming(usize::MAX)).collect()
    }

    async fn blocks(&self, after: Option<(UserId, UserId)>, limit: u32) -> Result<Vec<ArchivedBlock>> {
        let after = after.map_or_else(Document::new, |(blocker, blocked)| {
            doc! { "_id": { "$gt": marks::block_key(blocker, blocked) } }
        });
        let found = self.find(BLOCKS, after, "_id", limit).await?;
        let block = |found: &RawDocumentBuf| {
            let key = rows::read::<Document>(found)?.nested("_id")?.clone();
            Ok(ArchivedBlock { blocker: key.id("blocker")?, blocked: key.id("blocked")? })
        };
        found.iter().map(block).collect()
    }

    async fn counts(&self) -> Result<Counts> {
        let mut lent = self.lend().await;
        let reads = &mut lent.reads;
        let messages = doc! { "seq": { "$gt": 0 }, "conversation": { "$nin": &self.deleted } };
        patient(async {
            Ok::<_, Failure>(Counts {
                users: count(reads, USERS, doc! { "usernameKey": { "$exists": true } }).await?,
                gone: count(reads, USERS, doc! { DELETED_AT: { "$exists": true } }).await?,
                settings: count(reads, SETTINGS, accounts::of_registration()).await?,
                blocks: count(reads, BLOCKS, doc! {}).await?,
                sessions: count(reads, SESSIONS, doc! { "_id.key": { "$exists": true } }).await?,
                conversations: count(reads, CONVERSATIONS, doc! {}).await?,
                members: count(reads, MEMBERS, doc! {}).await?,
                messages: count(reads, MESSAGES, messages).await?,
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests;
