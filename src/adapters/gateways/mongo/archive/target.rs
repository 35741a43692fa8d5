use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use mongodb::{
    Database as Db,
    bson::{self, Bson, Document, doc},
    error::{Error, ErrorKind, InsertManyError},
    options::FindOptions,
};
use serde::{Deserialize, Serialize};

use super::{MongoSource, UNFINISHED, alone, insistent, least, mark, patient, reach, told};
use crate::{
    adapters::gateways::mongo::{
        accounts::{self, ADMIN, BANNED_AT},
        attachments,
        changes::{Event, Marker},
        connect::{OpenError, Topology},
        errors::{self, Failure},
        marks,
        reads::Reads,
        rows::{
            self, MemberKey, ReadPosition, StoredConversation, StoredMember, StoredMessage, message_tokens,
        },
        schema::{
            self, ATTACHMENTS, BLOCKS, BY_ID, CONVERSATIONS, MEMBERS, MESSAGES, MESSAGES_BY_CLIENT_ID,
            MESSAGES_BY_SENDER, MESSAGES_BY_TOKEN, SCHEMA, SESSIONS, USERS,
        },
        sessions, users,
        values::{Fields, Id, Key as Stored, Time, int, time},
        views::{self, Members, Seen},
    },
    domain::{
        entities::{
            archive::{ArchivedConversation, ArchivedMember, ArchivedUser, Record},
            attachment::Upload,
            conversation::ConversationKind,
            ids::ConversationId,
            message::Message,
        },
        error::{DomainError, Result},
        interfaces::archive::{ArchiveSource, ArchiveTarget, TargetState},
    },
};

/// How many conversations are completed at once, and how many of them at the same moment.
const SETTLED: u32 = 200;
const AT_ONCE: usize = 32;

/// The `rev` of a conversation until its messages are there; after that they and the marker have it.
const REV: &str = "archivedRev";

/// Indexes that are built when all messages are there: entry by entry it takes several times as long. Neither the
/// completion nor a repeat needs them.
const LATER: [&str; 3] = [MESSAGES_BY_TOKEN, MESSAGES_BY_CLIENT_ID, MESSAGES_BY_SENDER];

/// NamespaceNotFound, IndexNotFound.
const NOT_THERE: [i32; 2] = [26, 27];

/// A database that is being filled, while no server uses it.
pub struct MongoTarget {
    db: Db,
    topology: Topology,
    held: MongoSource,
}

impl MongoTarget {
    /// Reaches the server and makes the collections.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let (clients, topology) = reach(url).await?;
        let db = clients.db;
        schema::migrate(&db, topology).await?;
        alone(&db).await?;
        Ok(Self { held: MongoSource::of(db.clone()), db, topology })
    }

    async fn insert<T: Serialize + Send + Sync>(&self, collection: &str, documents: Vec<T>) -> Result<()> {
        if documents.is_empty() {
            return Ok(());
        }
        let collection = self.db.collection::<T>(collection);
        let insert = || async {
            match collection.insert_many(&documents).ordered(false).await {
                Err(error) if are_repeats(&error) => Ok(()),
                inserted => inserted.map(drop),
            }
        };
        insistent(insert).await
    }

    async fn has_any(&self, collection: &str) -> Result<bool> {
        Ok(patient(self.db.collection::<Document>(collection).find_one(doc! {})).await?.is_some())
    }

    async fn set_mark(&self, update: Document) -> Result<()> {
        let schema = self.db.collection::<Document>(SCHEMA);
        insistent(|| schema.update_one(doc! { "_id": UNFINISHED }, update.clone())).await.map(drop)
    }

    /// The next conversations that are to be completed, with the `rev` that each is to have.
    async fn unsettled(&self, after: Option<ConversationId>) -> Result<Vec<(ConversationId, u64)>> {
        let after = after.map_or_else(|| doc! { "$gte": least() }, |id| doc! { "$gt": id.bson() });
        let filter = doc! { "_id": after, REV: { "$exists": true } };
        let options = FindOptions::builder()
            .sort(doc! { "_id": 1 })
            .limit(i64::from(SETTLED))
            .projection(doc! { REV: 1 })
            .build();
        let found = patient(Reads::alone(&self.db, None).find(CONVERSATIONS, filter, Some(options))).await?;
        let unsettled = |document: &bson::RawDocumentBuf| {
            let document: Document = rows::read(document)?;
            Ok((document.id("_id")?, document.number(REV)?))
        };
        found.iter().map(unsettled).collect()
    }

    async fn member_counts(&self, ids: &[ConversationId]) -> Result<HashMap<ConversationId, u32>> {
        #[derive(Deserialize)]
        struct Count {
            #[serde(rename = "_id")]
            id: Stored<ConversationId>,
            count: u32,
        }
        let pipeline = vec![
            doc! { "$match": { "_id.conversation": { "$in": views::list(ids) } } },
            doc! { "$group": { "_id": "$_id.conversation", "count": { "$sum": 1 } } },
        ];
        let counts = patient(Reads::alone(&self.db, None).aggregate(MEMBERS, pipeline)).await?;
        let count = |document: &bson::RawDocumentBuf| {
            let Count { id, count } = rows::read(document)?;
            Ok((id.0, count))
        };
        counts.iter().map(count).collect()
    }

    /// Writes down, with the members of direct conversations, who is apart.
    async fn silence(&self) -> Result<()> {
        let mut last = None;
        loop {
            let blocks = self.held.blocks(last, SETTLED).await?;
            let Some(block) = blocks.last() else { return Ok(()) };
            last = Some((block.blocker, block.blocked));
            for block in blocks {
                let key = rows::direct_key(block.blocker, block.blocked);
                let direct = doc! { "directKey": Bson::Binary(key) };
                let conversations = self.db.collection::<Document>(CONVERSATIONS);
                let Some(direct) = patient(conversations.find_one(direct)).await? else { continue };
                let id: ConversationId = direct.id("_id")?;
                let theirs = doc! { "_id.conversation": id.bson() };
                let members = self.db.collection::<Document>(MEMBERS);
                let silenced = doc! { "$set": { "silenced": true } };
                insistent(|| members.update_many(theirs.clone(), silenced.clone())).await?;
            }
        }
    }

    /// Gives a conversation its marker, and what follows from its members.
    async fn complete(&self, mut seen: Seen, rev: u64, member_count: u32) -> Result<()> {
        let conversation = &mut seen.conversation;
        // The marker has the greatest rev where no message has it. Before any change it has 0.
        let revs: &[u64] = if rev > conversation.rev { &[0, rev] } else { &[0] };
        (conversation.rev, conversation.member_count) = (rev, member_count);
        self.insert(MESSAGES, vec![Marker::new(conversation, Event::Updated, revs)]).await?;
        let mut set = doc! { "memberCount": i64::from(member_count) };
        if let (ConversationKind::Direct, [one, other]) = (conversation.kind, &conversation.members[..]) {
            set.insert("directKey", Bson::Binary(rows::direct_key(one.user, other.user)));
        }
        let update = doc! { "$set": set, "$unset": { REV: "" } };
        let conversations = self.db.collection::<Document>(CONVERSATIONS);
        let filter = doc! { "_id": conversation.id.bson() };
        insistent(|| conversations.update_one(filter.clone(), update.clone())).await.map(drop)
    }
}

/// Whether all that was refused is there already: a call that was interrupted may have stored it.
fn are_repeats(error: &Error) -> bool {
    match error.kind.as_ref() {
        ErrorKind::InsertMany(InsertManyError {
            write_errors: Some(refused),
            write_concern_error: None,
            ..
        }) => refused.iter().all(|refused| errors::refuses(refused.code, &refused.message, BY_ID)),
        _ => false,
    }
}

fn person(archived: &ArchivedUser) -> Document {
    let mut document = users::document(&archived.user, &archived.hash);
    if archived.admin {
        document.insert(ADMIN, true);
    }
    if let Some(at) = archived.banned_at {
        document.insert(BANNED_AT, time(at));
    }
    document
}

fn conversation(conversation: &ArchivedConversation) -> Result<Document> {
    let ArchivedConversation { id, kind, ref title, general, rev, created_at } = *conversation;
    let mut stored = StoredConversation::new(id, kind, title.as_ref(), created_at);
    stored.general = general.then_some(true);
    let mut document = bson::serialize_to_document(&stored).map_err(DomainError::internal)?;
    document.insert(REV, int(rev));
    Ok(document)
}

fn member(member: &ArchivedMember) -> StoredMember {
    StoredMember {
        key: MemberKey { conversation: Stored(member.conversation), user: Stored(member.user) },
        role: member.role.as_str().to_owned(),
        joined_at: Time(member.joined_at),
        read: ReadPosition { seq: member.read_seq, told: false },
        muted: member.muted,
        pinned: member.pinned,
        unread: member.unread,
        silenced: false,
    }
}

fn message(message: &Message) -> StoredMessage<'_> {
    let tokens = message.body.as_ref().map(|body| message_tokens(body.as_str()));
    StoredMessage::whole(message, tokens.unwrap_or_default())
}

#[async_trait]
impl ArchiveTarget for MongoTarget {
    fn held(&self) -> &dyn ArchiveSource {
        &self.held
    }

    async fn state(&self) -> Result<TargetState> {
        if let Some(mark) = mark(&self.db).await.map_err(told)? {
            let last = mark.maybe_text("last")?.map(str::parse).transpose();
            let last = last.map_err(DomainError::internal)?;
            return Ok(TargetState::Begun { origin: mark.text("origin")?.to_owned(), last });
        }
        // People of another application, who may sign in one day, would get in the way of those who come.
        let filled = self.has_any(USERS).await? || self.has_any(CONVERSATIONS).await?;
        Ok(if filled { TargetState::Filled } else { TargetState::Empty })
    }

    async fn begin(&self, origin: &str) -> Result<()> {
        let mark = doc! { "_id": UNFINISHED, "origin": origin };
        patient(self.db.collection::<Document>(SCHEMA).insert_one(mark)).await?;
        for index in LATER {
            let dropped = patient(async {
                let dropped = self.db.collection::<Document>(MESSAGES).drop_index(index).await;
                match dropped.map_err(Failure::Driver) {
                    Err(failure) if failure.code().is_some_and(|code| NOT_THERE.contains(&code)) => Ok(()),
                    dropped => dropped,
                }
            });
            dropped.await?;
        }
        Ok(())
    }

    async fn write(&self, records: Vec<Record>) -> Result<()> {
        let (mut people, mut devices, mut rooms) = (Vec::new(), Vec::new(), Vec::new());
        let (mut members, mut messages, mut uploads) = (Vec::new(), Vec::new(), Vec::new());
        let mut blocks = Vec::new();
        for record in &records {
            match record {
                Record::User(archived) => people.push(person(archived)),
                Record::Gone(archived) => people.push(accounts::gone(archived.id, archived.deleted_at)),
                Record::Registration(mode) => {
                    patient(accounts::set_registration(&self.db, *mode)).await?;
                }
                Record::Block(block) => {
                    blocks.push(doc! { "_id": marks::block_key(block.blocker, block.blocked) });
                }
                Record::Session(session) => devices.push(sessions::document(session)),
                Record::Conversation(archived) => rooms.push(conversation(archived)?),
                Record::Member(archived) => members.push(member(archived)),
                Record::Message(archived) => {
                    uploads.extend(Upload::of(archived).map(|upload| attachments::document(&upload, true)));
                    messages.push(message(archived));
                }
            }
        }
        self.insert(USERS, people).await?;
        self.insert(SESSIONS, devices).await?;
        self.insert(CONVERSATIONS, rooms).await?;
        self.insert(MEMBERS, members).await?;
        self.insert(ATTACHMENTS, uploads.into_iter().collect::<Result<_>>()?).await?;
        self.insert(MESSAGES, messages).await?;
        self.insert(BLOCKS, blocks).await?;
        match records.last() {
            Some(last) => self.set_mark(doc! { "$set": { "last": last.key().to_string() } }).await,
            None => Ok(()),
        }
    }

    async fn settle(&self) -> Result<()> {
        schema::build_indexes(&self.db, self.topology).await.map_err(told)?;
        let mut last = None;
        loop {
            let unsettled = self.unsettled(last).await?;
            let Some((id, _)) = unsettled.last() else { break };
            last = Some(*id);
            let ids: Vec<ConversationId> = unsettled.iter().map(|(id, _)| *id).collect();
            let counts = self.member_counts(&ids).await?;
            let mut reads = Reads::alone(&self.db, None);
            let mut seen = patient(views::see(&mut reads, &ids, Members::First, None)).await?;
            let completed = unsettled.iter().filter_map(|(id, rev)| {
                let count = counts.get(id).copied().unwrap_or(0);
                Some(self.complete(seen.remove(id)?, *rev, count))
            });
            let completed: Vec<_> = completed.collect();
            stream::iter(completed).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        self.silence().await
    }

    async fn finish(&self) -> Result<()> {
        let schema = self.db.collection::<Document>(SCHEMA);
        insistent(|| schema.delete_one(doc! { "_id": UNFINISHED })).await.map(drop)
    }
}
