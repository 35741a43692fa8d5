use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection,
    bson::{Bson, Document, doc},
};

use super::{
    Database,
    errors::{Failure, timely, within},
    members::key,
    rows,
    schema::{BLOCKS, CONVERSATIONS, MEMBERS},
    transaction::Transaction,
    users,
    values::{Fields, Id},
    views,
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::ConversationView,
        ids::{ConversationId, UserId},
        marks::{MarkPatch, Marks},
    },
    error::{DomainError, Result},
    interfaces::mark_repository::MarkRepository,
};

/// Marks: those of conversations are in the documents of their members.
#[derive(Clone)]
pub struct MongoMarks(pub(super) Arc<Database>);

/// The `_id` of a block.
pub(super) fn block_key(blocker: UserId, blocked: UserId) -> Document {
    doc! { "blocker": blocker.bson(), "blocked": blocked.bson() }
}

/// # Errors
/// `Blocked` when one of two people has blocked the other.
pub(super) async fn ensure_together(
    transaction: &mut Transaction<'_>,
    one: UserId,
    other: UserId,
) -> Result<(), Failure> {
    if are_apart(transaction, one, other).await? { Err(DomainError::Blocked.into()) } else { Ok(()) }
}

/// Whether one of two people has blocked the other.
async fn are_apart(transaction: &mut Transaction<'_>, one: UserId, other: UserId) -> Result<bool, Failure> {
    let either = vec![block_key(one, other), block_key(other, one)];
    Ok(transaction.find_one(BLOCKS, doc! { "_id": { "$in": either } }).await?.is_some())
}

/// Writes down, with the members of their direct conversation, whether two people are apart.
async fn silence(transaction: &mut Transaction<'_>, one: UserId, other: UserId) -> Result<(), Failure> {
    let apart = are_apart(transaction, one, other).await?;
    let direct = doc! { "directKey": Bson::Binary(rows::direct_key(one, other)) };
    if let Some(direct) = transaction.find_one(CONVERSATIONS, direct).await? {
        let id = direct.id("_id")?;
        for user in [one, other] {
            let update = doc! { "$set": { "silenced": apart } };
            transaction.update_one(MEMBERS, doc! { "_id": key(id, user) }, update).await?;
        }
    }
    Ok(())
}

/// Whether there was no such block before.
async fn block(transaction: &mut Transaction<'_>, user: UserId, other: UserId) -> Result<bool, Failure> {
    let id = block_key(user, other);
    if transaction.find_one(BLOCKS, doc! { "_id": &id }).await?.is_some() {
        return Ok(false);
    }
    transaction.insert_many(BLOCKS, vec![doc! { "_id": id }]).await?;
    silence(transaction, user, other).await?;
    Ok(true)
}

async fn unblock(transaction: &mut Transaction<'_>, user: UserId, other: UserId) -> Result<bool, Failure> {
    let there = transaction.delete_many(BLOCKS, doc! { "_id": block_key(user, other) }).await? > 0;
    if there {
        silence(transaction, user, other).await?;
    }
    Ok(there)
}

impl MongoMarks {
    fn collection(&self, name: &str) -> Result<Collection<Document>> {
        Ok(self.0.ready()?.0.collection(name))
    }

    async fn all(&self, collection: &str, filter: Document, fields: Document) -> Result<Vec<Document>> {
        let collection = self.collection(collection)?;
        let found = async { collection.find(filter).projection(fields).await?.try_collect().await };
        Ok(timely(found).await?)
    }
}

/// Whom a person has blocked.
fn by(user: UserId) -> Document {
    doc! { "_id.blocker": user.bson() }
}

#[async_trait]
impl MarkRepository for MongoMarks {
    async fn of(&self, user: UserId) -> Result<Marks> {
        let any = ["pinned", "unread", "muted"].map(|field| doc! { field: true });
        let filter = doc! { "_id.user": user.bson(), "$or": any.to_vec() };
        let fields = doc! { "pinned": 1, "unread": 1, "muted": 1 };
        let (members, blocks) = tokio::try_join!(
            self.all(MEMBERS, filter, fields),
            self.all(BLOCKS, by(user), doc! { "_id": 1 })
        )?;
        let mut marks = Marks::default();
        for member in members {
            let id = member.nested("_id")?.id("conversation")?;
            let lists = [&mut marks.pinned, &mut marks.unread, &mut marks.muted];
            for (list, field) in lists.into_iter().zip(["pinned", "unread", "muted"]) {
                if member.flag(field) {
                    list.push(id);
                }
            }
        }
        for block in blocks {
            marks.blocked.push(block.nested("_id")?.id("blocked")?);
        }
        for list in [&mut marks.pinned, &mut marks.unread, &mut marks.muted] {
            list.sort_unstable();
        }
        marks.blocked.sort_unstable();
        Ok(marks)
    }

    async fn set(&self, id: ConversationId, user: UserId, patch: MarkPatch) -> Result<ConversationView> {
        let view = {
            let mut reads = self.0.moment().await?;
            let seen = within(views::see_one(&mut reads, id, Some(user))).await?;
            seen.ok_or(super::conversations::NOT_FOUND)?.into_view().ok_or(DomainError::NotMember)?
        };
        if patch.pinned == Some(true) {
            let others =
                doc! { "_id.user": user.bson(), "pinned": true, "_id.conversation": { "$ne": id.bson() } };
            let members = self.collection(MEMBERS)?;
            let others = timely(members.count_documents(others).limit(Marks::MAX_PINNED as u64)).await?;
            if others >= Marks::MAX_PINNED as u64 {
                return Err(Marks::too_many_pinned());
            }
        }
        let fields = [("muted", patch.muted), ("pinned", patch.pinned), ("unread", patch.unread)];
        let (mut set, mut news) = (Document::new(), Vec::new());
        for (field, wanted) in fields.into_iter().filter_map(|(field, wanted)| Some((field, wanted?))) {
            set.insert(field, wanted);
            // What is not there is false.
            news.push(if wanted {
                doc! { field: { "$ne": true } }
            } else {
                doc! { field: true }
            });
        }
        if set.is_empty() {
            return Ok(view);
        }
        let this = Arc::clone(&self.0);
        let filter = doc! { "_id": key(id, user), "$or": news };
        let work = async move {
            let members = this.ready()?.0.collection::<Document>(MEMBERS);
            if timely(members.update_one(filter, doc! { "$set": set })).await?.modified_count > 0 {
                this.tell([Change::Marked(user)]);
            }
            Ok(())
        };
        self.0.to_the_end(work).await?;
        Ok(ConversationView { muted: patch.muted.unwrap_or(view.muted), ..view })
    }

    async fn block(&self, user: UserId, other: UserId) -> Result<()> {
        {
            let (db, _) = self.0.ready()?;
            if !users::exists(&db, other).await? {
                return Err(DomainError::NotFound("user"));
            }
        }
        let mut others = by(user);
        others.insert("_id.blocked", doc! { "$ne": other.bson() });
        let blocks = self.collection(BLOCKS)?;
        let others = timely(blocks.count_documents(others).limit(Marks::MAX_BLOCKED as u64)).await?;
        if others >= Marks::MAX_BLOCKED as u64 {
            return Err(Marks::too_many_blocked());
        }
        let this = Arc::clone(&self.0);
        let work = async move {
            if this.transaction(move |transaction| Box::pin(block(transaction, user, other))).await? {
                this.tell([Change::Marked(user)]);
            }
            Ok(())
        };
        self.0.to_the_end(work).await
    }

    async fn unblock(&self, user: UserId, other: UserId) -> Result<()> {
        let this = Arc::clone(&self.0);
        let work = async move {
            if this.transaction(move |transaction| Box::pin(unblock(transaction, user, other))).await? {
                this.tell([Change::Marked(user)]);
            }
            Ok(())
        };
        self.0.to_the_end(work).await
    }

    async fn forget(&self, user: UserId) -> Result<()> {
        let members = self.collection(MEMBERS)?;
        let none = doc! { "$set": { "muted": false, "pinned": false, "unread": false } };
        let any = ["pinned", "unread", "muted"].map(|field| doc! { field: true });
        let theirs = doc! { "_id.user": user.bson(), "$or": any.to_vec() };
        timely(members.update_many(theirs, none)).await?;
        let by_them = self.all(BLOCKS, by(user), doc! { "_id": 1 }).await?;
        for block in by_them {
            self.unblock(user, block.nested("_id")?.id("blocked")?).await?;
        }
        let of_them = doc! { "_id.blocked": user.bson() };
        for block in self.all(BLOCKS, of_them, doc! { "_id": 1 }).await? {
            self.unblock(block.nested("_id")?.id("blocker")?, user).await?;
        }
        Ok(())
    }

    async fn is_blocked_by_any(&self, user: UserId, people: &[UserId]) -> Result<bool> {
        if people.is_empty() {
            return Ok(false);
        }
        let keys: Vec<_> = people.iter().map(|person| block_key(*person, user)).collect();
        let blocks = self.collection(BLOCKS)?;
        let found = timely(blocks.find_one(doc! { "_id": { "$in": keys } })).await?;
        Ok(found.is_some())
    }
}
