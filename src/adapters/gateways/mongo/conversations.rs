use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use mongodb::{
    bson::{Bson, Document, doc},
    options::FindOptions,
};

use super::{
    Database, Done,
    changes::{Event, Marker},
    errors::{Failure, timely, within},
    marks, members, positions,
    reads::Reads,
    rows::{self, ReadPosition, StoredConversation},
    schema::{CONVERSATIONS, CONVERSATIONS_BY_TITLE, MEMBERS, MESSAGES},
    sweep,
    transaction::Transaction,
    values::{Fields, Id, broken},
    views::{self, Members, Seen},
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::{Conversation, ConversationKind, ConversationView, Role, Title},
        ids::{ConversationId, UserId},
        search_text::fold,
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::{
        ChannelPage, ConversationRepository, MemberPage, Membership, NewConversation,
    },
};

/// Conversations and their members.
#[derive(Clone)]
pub struct MongoConversations(pub(super) Arc<Database>);

pub(super) const NOT_FOUND: DomainError = DomainError::NotFound("conversation");

/// The one, if there is any.
pub(super) async fn general(reads: &mut Reads<'_>) -> Result<Option<ConversationId>, Failure> {
    let options = FindOptions::builder().projection(doc! { "_id": 1 }).limit(1).build();
    let found = reads.find(CONVERSATIONS, doc! { "general": true }, Some(options)).await?;
    Ok(found.first().map(|document| id_of(document)).transpose()?)
}

fn id_of(document: &mongodb::bson::RawDocument) -> Result<ConversationId> {
    let document: Document = rows::read(document)?;
    document.id("_id")
}

/// The conversations that these people are in, as far as they are in any.
pub(super) async fn ids_of(
    reads: &mut Reads<'_>,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<ConversationId>>, Failure> {
    let options = FindOptions::builder().projection(doc! { "_id": 1 }).build();
    let users: Vec<Bson> = users.iter().map(|user| user.bson()).collect();
    let mut ids = HashMap::<UserId, Vec<ConversationId>>::new();
    for document in reads.find(MEMBERS, doc! { "_id.user": { "$in": users } }, Some(options)).await? {
        let document: Document = rows::read(&document)?;
        let key = document.nested("_id")?;
        ids.entry(key.id("user")?).or_default().push(key.id("conversation")?);
    }
    Ok(ids)
}

/// The same for each of them.
async fn ids_of_each(database: Arc<Database>, users: Vec<UserId>) -> Result<Vec<Vec<ConversationId>>> {
    let mut reads = database.reads()?;
    let ids = within(ids_of(&mut reads, &users)).await?;
    Ok(users.iter().map(|user| ids.get(user).cloned().unwrap_or_default()).collect())
}

/// Refuses a channel's title that another channel has. Two at the same moment are told apart by the index.
async fn ensure_title_free(
    reads: &mut Reads<'_>,
    id: ConversationId,
    kind: ConversationKind,
    title: Option<&Title>,
) -> Result<(), Failure> {
    if kind != ConversationKind::Channel {
        return Ok(());
    }
    let title = title.ok_or_else(|| DomainError::invalid("title", "must be given for a channel"))?;
    let filter = doc! { "titleKey": title.folded(), "_id": { "$ne": id.bson() } };
    let options = FindOptions::builder().projection(doc! { "_id": 1 }).limit(1).build();
    let taken = !reads.find(CONVERSATIONS, filter, Some(options)).await?.is_empty();
    if taken { Err(DomainError::TitleTaken.into()) } else { Ok(()) }
}

fn taken(failure: Failure) -> Failure {
    match failure.is_duplicate(Some(CONVERSATIONS_BY_TITLE)) {
        true => DomainError::TitleTaken.into(),
        false => failure,
    }
}

async fn create(
    transaction: &mut Transaction<'_>,
    new: &NewConversation,
) -> Result<Done<(ConversationView, bool)>, Failure> {
    let mut all = vec![new.creator];
    all.extend(&new.others);
    members::ensure_exist(transaction.reads(), &all).await?;
    let mut stored = StoredConversation::new(new.id, new.kind, new.title.as_ref(), new.created_at);
    if let (ConversationKind::Direct, [other]) = (new.kind, new.others.as_slice()) {
        let key = rows::direct_key(new.creator, *other);
        let filter = doc! { "directKey": Bson::Binary(key.clone()) };
        if let Some(found) = transaction.find_one(CONVERSATIONS, filter).await? {
            let seen = views::see_one(transaction.reads(), found.id("_id")?, Some(new.creator)).await?;
            let view = seen.and_then(Seen::into_view).ok_or(NOT_FOUND)?;
            return Ok(Done::nothing((view, false)));
        }
        marks::ensure_together(transaction, new.creator, *other).await?;
        stored.direct_key = Some(key);
    }
    ensure_title_free(transaction.reads(), new.id, new.kind, new.title.as_ref()).await?;
    let owner = (new.kind != ConversationKind::Direct).then_some(new.creator);
    let done = members::found(transaction, stored, owner, &all, new.created_at).await.map_err(taken)?;
    let view = ConversationView { conversation: done.answer.clone(), read_seq: 0, muted: false };
    Ok(done.answering((view, true)))
}

async fn rename(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    title: Option<&Title>,
) -> Result<Done<Conversation>, Failure> {
    let mut conversation = members::again(transaction, id).await?;
    conversation.ensure_not_direct()?;
    if conversation.title.as_ref() == title {
        return Ok(Done::nothing(conversation));
    }
    ensure_title_free(transaction.reads(), id, conversation.kind, title).await?;
    let (key, folded) = rows::title_keys(conversation.kind, title);
    let (mut set, mut unset) = (Document::new(), Document::new());
    let text = title.map(|title| title.as_str().to_owned());
    for (field, value) in [("title", text), ("titleKey", key), ("titleFolded", folded)] {
        match value {
            Some(value) => set.insert(field, value),
            None => unset.insert(field, ""),
        };
    }
    let mut update = Document::new();
    for (operator, fields) in [("$set", set), ("$unset", unset)] {
        if !fields.is_empty() {
            update.insert(operator, fields);
        }
    }
    let renamed = transaction.update_one(CONVERSATIONS, doc! { "_id": id.bson() }, update).await;
    renamed.map_err(|error| taken(error.into()))?;
    conversation.title = title.cloned();
    members::mark(transaction, &mut conversation, Event::Updated, true).await
}

async fn add(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    users: &[UserId],
    at: Timestamp,
) -> Result<Done<Conversation>, Failure> {
    let before = views::see_one(transaction.reads(), id, None).await?.ok_or(NOT_FOUND)?;
    before.conversation.ensure_not_direct()?;
    members::ensure_exist(transaction.reads(), users).await?;
    members::join(transaction, before, users, at).await
}

/// Answers whether the conversation was deleted.
async fn remove(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    user: UserId,
) -> Result<Done<bool>, Failure> {
    let conversation =
        transaction.find_one(CONVERSATIONS, doc! { "_id": id.bson() }).await?.ok_or(NOT_FOUND)?;
    let kind = rows::kind(conversation.text("kind")?)?;
    if kind == ConversationKind::Direct {
        return Err(DomainError::DirectFixed.into());
    }
    let member = transaction.find_one(MEMBERS, doc! { "_id": members::key(id, user) }).await?;
    let Some(member) = member else { return Ok(Done::nothing(false)) };
    if kind == ConversationKind::Group && conversation.number("memberCount")? <= 1 {
        return delete(transaction, id).await;
    }
    let role = rows::role(member.text("role")?)?;
    Ok(members::leave(transaction, id, user, role).await?.answering(false))
}

/// Takes everything away but the messages, which may be many; answers whether there was anything.
async fn delete(transaction: &mut Transaction<'_>, id: ConversationId) -> Result<Done<bool>, Failure> {
    let Some(seen) = views::see(transaction.reads(), &[id], Members::None, None).await?.remove(&id) else {
        return Ok(Done::nothing(false));
    };
    let newest = seen.conversation.rev;
    let mut revs = members::revs(transaction, id, newest).await?;
    revs.push(newest + 1);
    if !transaction.replace_one(MESSAGES, doc! { "_id": id.bson() }, &Marker::deleted(id, &revs)).await? {
        return Err(broken("a conversation without its marker").into());
    }
    transaction.delete_many(CONVERSATIONS, doc! { "_id": id.bson() }).await?;
    transaction.delete_many(MEMBERS, doc! { "_id.conversation": id.bson() }).await?;
    // Who believes that it ends before this runs into it.
    Ok(Done { answer: true, head: None, changes: vec![Change::ConversationDeleted(id)] })
}

impl MongoConversations {
    async fn see(&self, id: ConversationId, user: UserId) -> Result<Seen> {
        within(views::see_one(&mut self.0.moment().await?, id, Some(user))).await?.ok_or(NOT_FOUND)
    }

    async fn document(&self, collection: &str, id: impl Into<Bson>) -> Result<Option<Document>> {
        let (db, _) = self.0.ready()?;
        let collection = db.collection::<Document>(collection);
        Ok(timely(collection.find_one(doc! { "_id": id.into() })).await?)
    }
}

#[async_trait]
impl ConversationRepository for MongoConversations {
    async fn create(&self, new: &NewConversation) -> Result<(ConversationView, bool)> {
        let new = Arc::new(new.clone());
        let id = new.id;
        self.0
            .change(id, move |transaction| {
                let new = Arc::clone(&new);
                Box::pin(async move { create(transaction, &new).await })
            })
            .await
    }

    async fn kind_of(&self, id: ConversationId) -> Result<Option<ConversationKind>> {
        let found = self.document(CONVERSATIONS, id.bson()).await?;
        found.map(|conversation| rows::kind(conversation.text("kind")?)).transpose()
    }

    async fn membership(&self, id: ConversationId, user: UserId) -> Result<Membership> {
        let (conversation, member) = tokio::try_join!(
            self.document(CONVERSATIONS, id.bson()),
            self.document(MEMBERS, members::key(id, user)),
        )?;
        let conversation = conversation.ok_or(NOT_FOUND)?;
        let member = member.ok_or(DomainError::NotMember)?;
        Ok(Membership {
            kind: rows::kind(conversation.text("kind")?)?,
            role: rows::role(member.text("role")?)?,
            member_count: u32::try_from(conversation.number("memberCount")?).unwrap_or(u32::MAX),
            is_general: conversation.flag("general"),
            silenced: member.flag("silenced"),
        })
    }

    async fn view(&self, id: ConversationId, user: UserId) -> Result<ConversationView> {
        self.see(id, user).await?.into_view().ok_or(DomainError::NotMember)
    }

    async fn list(&self, user: UserId) -> Result<Vec<ConversationView>> {
        let mut reads = self.0.moment().await?;
        let seen = within(views::of_users(&mut reads, &[user], Members::First)).await?;
        Ok(seen.into_values().flatten().filter_map(Seen::into_view).collect())
    }

    async fn ids_of(&self, user: UserId) -> Result<Vec<ConversationId>> {
        self.0.ask(|arrivals| &arrivals.conversations, user, ids_of_each).await
    }

    async fn general(&self) -> Result<Option<ConversationId>> {
        let mut reads = self.0.reads()?;
        Ok(within(general(&mut reads)).await?)
    }

    async fn channels(
        &self,
        reader: UserId,
        query: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ChannelPage> {
        let mut reads = self.0.moment().await?;
        Ok(within(channels(&mut reads, reader, &fold(query), after, limit)).await?)
    }

    async fn members(&self, id: ConversationId, after: Option<UserId>, limit: u32) -> Result<MemberPage> {
        let mut reads = self.0.moment().await?;
        let page = within(members::page(&mut reads, id, after, limit)).await?;
        match page {
            Some(page) => Ok(page),
            None => Err(NOT_FOUND),
        }
    }

    async fn reads(&self, id: ConversationId) -> Result<Vec<(UserId, u64)>> {
        let mut reads = self.0.moment().await?;
        within(positions::all(&mut reads, id)).await?.ok_or(NOT_FOUND)
    }

    async fn role_of(&self, id: ConversationId, user: UserId) -> Result<Option<Role>> {
        let member = self.document(MEMBERS, members::key(id, user)).await?;
        member.map(|member| rows::role(member.text("role")?)).transpose()
    }

    async fn rename(&self, id: ConversationId, title: Option<&Title>) -> Result<Conversation> {
        let title = Arc::new(title.cloned());
        self.0
            .change(id, move |transaction| {
                let title = Arc::clone(&title);
                Box::pin(async move { rename(transaction, id, Option::as_ref(&title)).await })
            })
            .await
    }

    async fn add_members(&self, id: ConversationId, users: &[UserId], at: Timestamp) -> Result<Conversation> {
        let users: Arc<[UserId]> = users.into();
        self.0
            .change(id, move |transaction| {
                let users = Arc::clone(&users);
                Box::pin(async move { add(transaction, id, &users, at).await })
            })
            .await
    }

    async fn remove_member(&self, id: ConversationId, user: UserId) -> Result<()> {
        let deleted = self.0.change(id, move |transaction| Box::pin(remove(transaction, id, user))).await?;
        if deleted {
            sweep::messages(&self.0, id).await?;
        }
        Ok(())
    }

    async fn set_role(&self, id: ConversationId, user: UserId, role: Role) -> Result<Conversation> {
        self.0.change(id, move |transaction| Box::pin(members::set_role(transaction, id, user, role))).await
    }

    async fn delete(&self, id: ConversationId) -> Result<()> {
        if self.0.change(id, move |transaction| Box::pin(delete(transaction, id))).await? {
            sweep::messages(&self.0, id).await?;
        }
        Ok(())
    }

    async fn mark_read(&self, id: ConversationId, user: UserId, seq: u64) -> Result<ConversationView> {
        let seen = self.see(id, user).await?;
        let is_marked = seen.is_marked_unread();
        let mut view = seen.into_view().ok_or(DomainError::NotMember)?;
        let seq = seq.min(view.conversation.last_seq);
        let told = view.conversation.is_small();
        let moved = (seq > view.read_seq).then_some(ReadPosition { seq, told });
        positions::read_to(&self.0, id, user, moved, is_marked).await?;
        view.read_seq = seq.max(view.read_seq);
        Ok(view)
    }
}

/// The next channels by their folded title. Titles are never empty, so that all sort after the empty text.
async fn channels(
    reads: &mut Reads<'_>,
    reader: UserId,
    query: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<ChannelPage, Failure> {
    let mut filter = doc! { "titleKey": { "$gt": after.unwrap_or_default() } };
    if !query.is_empty() {
        // Not an expression that means something, but the text itself. A literal begins with no dollar sign.
        let place = doc! { "$indexOfBytes": ["$titleFolded", { "$literal": query }] };
        filter.insert("$expr", doc! { "$gte": [place, 0] });
    }
    let wanted = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let options = FindOptions::builder()
        .sort(doc! { "titleKey": 1 })
        .projection(doc! { "_id": 1 })
        .limit(i64::from(limit.max(1)) + 1)
        .build();
    let found = reads.find(CONVERSATIONS, filter, Some(options)).await?;
    let mut ids = found.iter().map(|document| id_of(document)).collect::<Result<Vec<_>>>()?;
    let more = ids.len() > wanted;
    ids.truncate(wanted);
    let mut seen = views::see(reads, &ids, Members::First, Some(reader)).await?;
    let channels: Vec<Seen> = ids.iter().filter_map(|id| seen.remove(id)).collect();
    let next = channels.last().filter(|_| more).and_then(|last| last.title_key.clone());
    Ok(ChannelPage { channels: channels.into_iter().map(as_seen).collect(), next })
}

/// Who is not in a channel sees no message of it, and has nothing to read there.
fn as_seen(seen: Seen) -> ConversationView {
    match seen.member {
        Some(member) => ConversationView {
            conversation: seen.conversation,
            read_seq: member.read_seq,
            muted: member.muted,
        },
        None => {
            let read_seq = seen.conversation.last_seq;
            let conversation = Conversation { last_message: None, ..seen.conversation };
            ConversationView { conversation, read_seq, muted: false }
        }
    }
}
