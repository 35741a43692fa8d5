use std::sync::Arc;

use async_trait::async_trait;
use mongodb::{
    Collection, Database as Db,
    bson::{Bson, Document, doc},
};

use super::{
    Database,
    errors::{Failure, timely},
    schema::{SETTINGS, USERS},
    transaction::Transaction,
    values::{Fields, broken},
};
use crate::domain::{
    entities::registration::Registration, error::Result, interfaces::account_repository::AccountRepository,
};

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
pub(super) async fn is_empty(transaction: &mut Transaction<'_>) -> Result<bool, Failure> {
    for filter in anybody() {
        if transaction.find_one(USERS, filter).await?.is_some() {
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
    let Some(found) = timely(settings(db).find_one(doc! { "_id": REGISTRATION })).await? else {
        return Ok(None);
    };
    let mode = found.text("value")?;
    let mode = Registration::from_name(mode).ok_or_else(|| broken(format!("a registration {mode:?}")))?;
    Ok(Some(mode))
}

pub(super) async fn set_registration(db: &Db, mode: Registration) -> Result<(), Failure> {
    let set = doc! { "$set": { "value": mode.as_str() } };
    timely(settings(db).update_one(doc! { "_id": REGISTRATION }, set).upsert(true)).await?;
    Ok(())
}

#[async_trait]
impl AccountRepository for MongoAccounts {
    async fn registration(&self) -> Result<Registration> {
        let (db, _) = self.0.ready()?;
        Ok(registration(&db).await?.unwrap_or_default())
    }

    async fn set_registration(&self, mode: Registration) -> Result<()> {
        let (db, _) = self.0.ready()?;
        Ok(set_registration(&db, mode).await?)
    }

    async fn is_empty(&self) -> Result<bool> {
        let (db, _) = self.0.ready()?;
        let users = db.collection::<Document>(USERS);
        for filter in anybody() {
            if timely(users.find_one(filter).projection(doc! { "_id": 1 })).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
