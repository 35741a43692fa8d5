use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database as Db,
    bson::{Bson, Document, doc},
    options::FindOptions,
};

use super::{
    Database,
    errors::{Failure, timely, within},
    reads::Reads,
    rows,
    schema::{ATTACHMENTS, CONVERSATIONS, MESSAGES, SCHEMA, SETTINGS, USERS},
    transaction::Transaction,
    users::{self, document_id, with_account},
    values::{Fields, broken, time},
};
use crate::domain::{
    entities::{
        account::{Account, AccountFilter, AccountPatch, last_admin},
        change::Change,
        ids::UserId,
        registration::Registration,
        search_text::fold,
        timestamp::Timestamp,
        user::Username,
    },
    error::{DomainError, Result},
    interfaces::account_repository::{AccountPage, AccountRepository, Figures},
};

const NOT_FOUND: DomainError = DomainError::NotFound("user");

/// What administrators decide.
#[derive(Clone)]
pub struct MongoAccounts(pub(super) Arc<Database>);

/// True of who may administrate the server.
pub(super) const ADMIN: &str = "admin";
/// Since when somebody may not sign in.
pub(super) const BANNED_AT: &str = "bannedAt";
/// Since when an account is gone. The document stays for the messages, with nothing in it but this.
pub(super) const DELETED_AT: &str = "deletedAt";

const REGISTRATION: &str = "registration";

/// What finds anybody: those who have an account, and those of another application, who get one when they come.
fn anybody() -> [Document; 2] {
    let has_account = doc! { "usernameKey": { "$exists": true } };
    [has_account, doc! { "_id": { "$gt": Bson::MinKey }, DELETED_AT: { "$exists": false } }]
}

/// Whether nobody is there.
pub(super) async fn is_empty(reads: &mut Reads<'_>) -> Result<bool, Failure> {
    for filter in anybody() {
        if has_any(reads, filter).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn settings(db: &Db) -> Collection<Document> {
    db.collection(SETTINGS)
}

/// Who may open an account, if that was decided.
pub(super) async fn registration(db: &Db) -> Result<Option<Registration>, Failure> {
    let Some(found) = timely(settings(db).find_one(of_registration())).await? else {
        return Ok(None);
    };
    Ok(Some(mode(&found)?))
}

/// What finds the document that says who may open an account.
pub(super) fn of_registration() -> Document {
    doc! { "_id": REGISTRATION }
}

/// What that document says.
pub(super) fn mode(document: &Document) -> Result<Registration> {
    let mode = document.text("value")?;
    Registration::from_name(mode).ok_or_else(|| broken(format!("a registration {mode:?}")))
}

pub(super) async fn set_registration(db: &Db, mode: Registration) -> Result<(), Failure> {
    let set = doc! { "$set": { "value": mode.as_str() } };
    timely(settings(db).update_one(of_registration(), set).upsert(true)).await?;
    Ok(())
}

fn account(document: &Document) -> Result<Account> {
    Ok(Account {
        user: users::user(document)?,
        admin: document.flag(ADMIN),
        banned_at: document.maybe_at(BANNED_AT)?,
    })
}

/// The document of who is gone.
pub(super) fn gone(id: UserId, at: Timestamp) -> Document {
    doc! { "_id": document_id(id), DELETED_AT: time(at) }
}

async fn has_any(reads: &mut Reads<'_>, filter: Document) -> Result<bool, Failure> {
    let one = FindOptions::builder().limit(1).projection(doc! { "_id": 1 }).build();
    Ok(!reads.find(USERS, filter, Some(one)).await?.is_empty())
}

async fn is_last_admin(reads: &mut Reads<'_>, id: UserId) -> Result<bool, Failure> {
    let is_admin = has_any(reads, doc! { "_id": document_id(id), ADMIN: true }).await?;
    Ok(is_admin && !has_any(reads, doc! { "_id": { "$ne": document_id(id) }, ADMIN: true }).await?)
}

async fn ensure_may_close(reads: &mut Reads<'_>, id: UserId) -> Result<(), Failure> {
    if is_last_admin(reads, id).await?
        && has_any(reads, with_account(doc! { "$ne": document_id(id) })).await?
    {
        return Err(DomainError::Invalid(vec![last_admin()]).into());
    }
    Ok(())
}

/// Lets those who decide about administrators get in each other's way, so that each sees what the other decided.
async fn alone(transaction: &mut Transaction<'_>) -> Result<(), Failure> {
    let count = doc! { "$inc": { "decisions": 1_i64 } };
    transaction.update_one(SCHEMA, doc! { "_id": SCHEMA }, count).await?;
    Ok(())
}

async fn change(
    transaction: &mut Transaction<'_>,
    id: UserId,
    patch: AccountPatch,
) -> Result<Account, Failure> {
    alone(transaction).await?;
    let found = transaction.find_one(USERS, with_account(document_id(id))).await?.ok_or(NOT_FOUND)?;
    let is_last = is_last_admin(transaction.reads(), id).await?;
    let account =
        account(&found)?.patched(patch, is_last).map_err(|error| DomainError::Invalid(vec![error]))?;
    let (mut set, mut unset) = (Document::new(), Document::new());
    if account.admin {
        set.insert(ADMIN, true)
    } else {
        unset.insert(ADMIN, "")
    };
    match account.banned_at {
        Some(at) => set.insert(BANNED_AT, time(at)),
        None => unset.insert(BANNED_AT, ""),
    };
    let mut update = Document::new();
    for (operator, fields) in [("$set", set), ("$unset", unset)] {
        if !fields.is_empty() {
            update.insert(operator, fields);
        }
    }
    transaction.update_one(USERS, with_account(document_id(id)), update).await?;
    Ok(account)
}

async fn close(transaction: &mut Transaction<'_>, id: UserId, at: Timestamp) -> Result<Account, Failure> {
    alone(transaction).await?;
    let found = transaction.find_one(USERS, with_account(document_id(id))).await?.ok_or(NOT_FOUND)?;
    ensure_may_close(transaction.reads(), id).await?;
    transaction.replace_one(USERS, with_account(document_id(id)), &gone(id, at)).await?;
    Ok(account(&found)?)
}

#[async_trait]
impl AccountRepository for MongoAccounts {
    async fn account(&self, id: UserId) -> Result<Option<Account>> {
        let (db, _) = self.0.ready()?;
        let users = db.collection::<Document>(USERS);
        timely(users.find_one(with_account(document_id(id)))).await?.as_ref().map(account).transpose()
    }

    async fn accounts(
        &self,
        prefix: &str,
        chosen: AccountFilter,
        after: Option<&Username>,
        limit: u32,
    ) -> Result<AccountPage> {
        let (db, _) = self.0.ready()?;
        let mut filter = doc! { "usernameKey": { "$gt": after.map_or("", Username::as_str) } };
        let prefix = fold(prefix);
        if !prefix.is_empty() {
            // Nothing that starts with the prefix sorts after the prefix and the last character.
            let end = format!("{prefix}\u{10ffff}");
            filter.insert("nameKeys", doc! { "$elemMatch": { "$gte": &prefix, "$lt": end } });
        }
        match chosen {
            AccountFilter::All => {}
            AccountFilter::Admins => drop(filter.insert(ADMIN, true)),
            AccountFilter::Banned => drop(filter.insert(BANNED_AT, doc! { "$exists": true })),
        }
        let (limit, users) = (limit.max(1), db.collection::<Document>(USERS));
        let page = users
            .find(filter)
            .sort(doc! { "usernameKey": 1 })
            .limit(i64::from(limit) + 1)
            .projection(doc! { "passwordHash": 0, "password": 0, "hash": 0, "nameKeys": 0 });
        let found: Vec<Document> = within(async { Ok(page.await?.try_collect().await?) }).await?;
        let mut accounts: Vec<Account> = found.iter().map(account).collect::<Result<_>>()?;
        let wanted = limit as usize;
        let has_more = accounts.len() > wanted;
        accounts.truncate(wanted);
        let next = accounts.last().filter(|_| has_more).map(|last| last.user.username.clone());
        Ok(AccountPage { accounts, next })
    }

    async fn patch_account(&self, id: UserId, patch: AccountPatch) -> Result<Account> {
        self.0.transaction(move |transaction| Box::pin(change(transaction, id, patch))).await
    }

    async fn ensure_may_close(&self, id: UserId) -> Result<()> {
        let mut reads = self.0.reads()?;
        Ok(within(ensure_may_close(&mut reads, id)).await?)
    }

    async fn close_account(&self, id: UserId, at: Timestamp) -> Result<Account> {
        let closed = self.0.transaction(move |transaction| Box::pin(close(transaction, id, at))).await?;
        self.0.tell([Change::Profile(id)]);
        Ok(closed)
    }

    async fn registration(&self) -> Result<Registration> {
        let (db, _) = self.0.ready()?;
        Ok(registration(&db).await?.unwrap_or_default())
    }

    async fn set_registration(&self, mode: Registration) -> Result<()> {
        let (db, _) = self.0.ready()?;
        Ok(set_registration(&db, mode).await?)
    }

    async fn is_empty(&self) -> Result<bool> {
        let mut reads = self.0.reads()?;
        Ok(within(is_empty(&mut reads)).await?)
    }

    async fn figures(&self) -> Result<Figures> {
        let mut reads = self.0.reads()?;
        let db = reads.db;
        let estimate =
            async |name: &str| timely(db.collection::<Document>(name).estimated_document_count()).await;
        let conversations = estimate(CONVERSATIONS).await?;
        // Each conversation has one document among them that is no message.
        let messages = estimate(MESSAGES).await?.saturating_sub(conversations);
        let count = async |filter| timely(db.collection::<Document>(USERS).count_documents(filter)).await;
        let users = count(doc! { "usernameKey": { "$exists": true } }).await?;
        let banned_users = count(doc! { BANNED_AT: { "$exists": true } }).await?;
        let sum = vec![
            doc! { "$group": { "_id": Bson::Null, "files": { "$sum": 1 }, "bytes": { "$sum": "$file.size" } } },
        ];
        let sums = within(async { Ok(reads.aggregate(ATTACHMENTS, sum).await?) }).await?;
        let sums = sums.first().map(|sums| rows::read::<Document>(sums)).transpose()?;
        let sum = |field: &str| sums.as_ref().map_or(Ok(0), |sums| sums.number(field));
        let (files, file_bytes) = (sum("files")?, sum("bytes")?);
        Ok(Figures { users, banned_users, conversations, messages, files, file_bytes })
    }
}
