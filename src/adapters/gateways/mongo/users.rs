use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database as Db,
    bson::{Bson, Document, doc},
    error::Error,
    options::ReturnDocument,
};

use super::{
    Database,
    accounts::{self, ADMIN, BANNED_AT},
    adoption, checks,
    errors::{Failure, timely, within},
    members,
    reads::Reads,
    schema::USERS,
    values::{Fields, Id, broken, refused, time},
    write::Done,
};
use crate::domain::{
    entities::{
        change::Change,
        conversation::ConversationKind,
        ids::{ConversationId, UserId},
        search_text::{fold, name_keys},
        timestamp::Timestamp,
        user::{DisplayName, Locale, PasswordHash, ProfilePatch, User, Username},
    },
    error::{DomainError, Result},
    interfaces::user_repository::{UserPage, UserRepository},
};

/// People.
#[derive(Clone)]
pub struct MongoUsers(pub(super) Arc<Database>);

/// The upload that a person's picture was made from.
pub(super) const AVATAR: &str = "avatarId";

/// What a person's document is found by.
pub(super) fn document_id(id: UserId) -> Bson {
    adoption::object_id(id).map_or_else(|| id.bson(), Bson::ObjectId)
}

/// Whose document has this key; `None` when nobody's can.
pub(super) fn id_of(key: &Document) -> Result<Option<UserId>> {
    match key.get("_id") {
        Some(Bson::ObjectId(id)) => Ok(Some(adoption::user_id(*id))),
        _ => key.maybe_id("_id"),
    }
}

/// Documents of somebody who has an account here: those of another application have none before they sign in.
pub(super) fn with_account(filter: impl Into<Bson>) -> Document {
    doc! { "_id": filter.into(), "usernameKey": { "$exists": true } }
}

pub(super) fn document(user: &User, hash: &PasswordHash) -> Document {
    let mut document = doc! {
        "_id": document_id(user.id),
        "username": user.username.as_str(),
        "usernameKey": user.username.as_str(),
        "displayName": user.display_name.as_str(),
        "nameKeys": name_keys_of(&user.username, &user.display_name),
        "passwordHash": hash.as_str(),
        "createdAt": time(user.created_at),
    };
    if let Some(locale) = &user.locale {
        document.insert("locale", locale.as_str());
    }
    if let Some(avatar) = user.avatar {
        document.insert(AVATAR, avatar.bson());
    }
    if let Some(at) = user.last_seen_at {
        document.insert("lastSeenAt", time(at));
    }
    document
}

/// What a person is found by.
pub(super) fn name_keys_of(username: &Username, display_name: &DisplayName) -> Vec<String> {
    let mut keys = name_keys(display_name.as_str());
    keys.insert(username.as_str().to_owned());
    keys.into_iter().collect()
}

pub(super) fn user(document: &Document) -> Result<User> {
    if let Some(Bson::ObjectId(id)) = document.get("_id") {
        return adoption::user(*id, document).ok_or_else(|| broken("an account whose name does not fit"));
    }
    Ok(User {
        id: document.id("_id")?,
        username: Username::parse(document.text("usernameKey")?).map_err(refused)?,
        display_name: DisplayName::parse(document.text("displayName")?).map_err(refused)?,
        locale: document.maybe_text("locale")?.map(Locale::parse).transpose().map_err(refused)?,
        avatar: document.maybe_id(AVATAR)?,
        created_at: document.at("createdAt")?,
        last_seen_at: document.maybe_at("lastSeenAt")?,
    })
}

/// `None` of an adopted account whose password the other application has changed into something else.
pub(super) fn hash(document: &Document) -> Result<Option<PasswordHash>> {
    if document.get_object_id("_id").is_ok() {
        return Ok(adoption::hash(document));
    }
    Ok(Some(PasswordHash::new(document.text("passwordHash")?)))
}

fn users(db: &Db) -> Collection<Document> {
    db.collection(USERS)
}

async fn find(db: &Db, id: UserId) -> Result<Option<Document>, Failure> {
    timely(users(db).find_one(with_account(document_id(id)))).await
}

/// These people, in this order.
async fn in_order(database: Arc<Database>, ids: Vec<UserId>) -> Result<Vec<Option<User>>> {
    let found = MongoUsers(database).find_many(&ids).await?;
    let found: HashMap<UserId, User> = found.into_iter().map(|user| (user.id, user)).collect();
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}

/// Whether somebody exists.
pub(super) async fn exists(db: &Db, id: UserId) -> Result<bool, Failure> {
    let users = users(db);
    let found = timely(users.find_one(with_account(document_id(id))).projection(doc! { "_id": 1 }));
    Ok(found.await?.is_some())
}

/// Whether somebody exists and is not banned.
pub(super) async fn may_sign_in(db: &Db, id: UserId) -> Result<bool, Failure> {
    let mut filter = with_account(document_id(id));
    filter.insert(BANNED_AT, doc! { "$exists": false });
    Ok(timely(users(db).find_one(filter).projection(doc! { "_id": 1 })).await?.is_some())
}

/// A name that somebody has is refused by an index of ours, or of the other application.
fn taken(error: Error) -> Failure {
    match Failure::from(error) {
        failure if failure.is_duplicate_of(&["usernameKey", "username"]) => DomainError::UsernameTaken.into(),
        failure => failure,
    }
}

#[async_trait]
impl UserRepository for MongoUsers {
    async fn create(&self, user: &User, hash: &PasswordHash, general: ConversationId) -> Result<()> {
        {
            let (db, _) = self.0.ready()?;
            if adoption::find(&db, &user.username).await?.is_some() {
                return Err(DomainError::UsernameTaken);
            }
        }
        let (new, id, at) = (document(user, hash), user.id, user.created_at);
        let created = self.0.change_general(general, move |transaction| {
            let mut new = new.clone();
            Box::pin(async move {
                if accounts::is_empty(transaction.reads()).await? {
                    new.insert(ADMIN, true);
                }
                transaction.insert_many(USERS, vec![new]).await.map_err(taken)?;
                members::join_general(transaction, general, &[id], at).await
            })
        });
        created.await
    }

    async fn settle(&self, user: &User, general: ConversationId, at: Timestamp) -> Result<()> {
        let Some(id) = adoption::object_id(user.id) else { return Ok(()) };
        {
            let (db, _) = self.0.ready()?;
            if exists(&db, user.id).await? {
                return Ok(());
            }
        }
        let user = user.clone();
        let settled = self.0.change_general(general, move |transaction| {
            let user = user.clone();
            Box::pin(async move {
                let filter = doc! { "_id": id, "usernameKey": { "$exists": false } };
                let Some(found) = transaction.find_one(USERS, filter.clone()).await? else {
                    return Ok(Done::nothing(()));
                };
                let add = doc! { "$set": adoption::missing(&found, &user) };
                transaction.update_one(USERS, filter, add).await.map_err(taken)?;
                members::join_general(transaction, general, &[user.id], at).await
            })
        });
        settled.await
    }

    async fn is_admin(&self, id: UserId) -> Result<bool> {
        let (db, _) = self.0.ready()?;
        let mut filter = with_account(document_id(id));
        filter.insert(ADMIN, true);
        Ok(timely(users(&db).find_one(filter).projection(doc! { "_id": 1 })).await?.is_some())
    }

    async fn find(&self, id: UserId) -> Result<Option<User>> {
        self.0.ask(|arrivals| &arrivals.users, id, in_order).await
    }

    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let (db, _) = self.0.ready()?;
        let ids: Vec<Bson> = ids.iter().copied().map(document_id).collect();
        let found =
            within(async { collect(users(&db).find(with_account(doc! { "$in": ids })).await?).await });
        found.await?.iter().map(user).collect()
    }

    async fn find_with_hash(&self, username: &Username) -> Result<Option<(User, PasswordHash)>> {
        let (db, _) = self.0.ready()?;
        match timely(users(&db).find_one(doc! { "usernameKey": username.as_str() })).await? {
            Some(found) => {
                let user = user(&found)?;
                Ok(hash(&found)?.map(|hash| (user, hash)))
            }
            None => {
                let legacy = adoption::find(&db, username).await?;
                Ok(legacy.and_then(|(user, hash)| Some((user, hash?))))
            }
        }
    }

    async fn password_hash(&self, id: UserId) -> Result<PasswordHash> {
        let (db, _) = self.0.ready()?;
        let found = find(&db, id).await?.ok_or(DomainError::NotFound("user"))?;
        hash(&found)?.ok_or_else(|| broken("an account without a password"))
    }

    async fn set_password_hash(&self, id: UserId, hash: &PasswordHash) -> Result<()> {
        let (db, _) = self.0.ready()?;
        let mut update = doc! { "$set": { "passwordHash": hash.as_str() } };
        if adoption::object_id(id).is_some() {
            update.insert("$unset", adoption::old_hashes());
        }
        let updated = timely(users(&db).update_one(with_account(document_id(id)), update)).await?;
        if updated.matched_count == 0 { Err(DomainError::NotFound("user")) } else { Ok(()) }
    }

    async fn update_profile(&self, id: UserId, patch: &ProfilePatch) -> Result<User> {
        const NOBODY: DomainError = DomainError::NotFound("user");
        let (db, _) = self.0.ready()?;
        let before = user(&find(&db, id).await?.ok_or(NOBODY)?)?;
        let mut set = Document::new();
        if let Some(name) = &patch.display_name {
            set.insert("displayName", name.as_str());
            // Usernames never change, so these two belong together whoever else writes meanwhile.
            set.insert("nameKeys", name_keys_of(&before.username, name));
        }
        if let Some(locale) = &patch.locale {
            set.insert("locale", locale.as_str());
        }
        let mut unset = Document::new();
        match patch.avatar {
            Some(Some(avatar)) => drop(set.insert(AVATAR, avatar.bson())),
            Some(None) => drop(unset.insert(AVATAR, "")),
            None => {}
        }
        let mut update = Document::new();
        for (operator, fields) in [("$set", set), ("$unset", unset)] {
            if !fields.is_empty() {
                update.insert(operator, fields);
            }
        }
        if update.is_empty() {
            return Ok(before);
        }
        let users = users(&db);
        let update = users
            .find_one_and_update(with_account(document_id(id)), update)
            .return_document(ReturnDocument::After);
        let after = user(&timely(update).await?.ok_or(NOBODY)?)?;
        if (&after.display_name, after.avatar) != (&before.display_name, before.avatar) {
            self.0.tell([Change::Profile(id)]);
        }
        Ok(after)
    }

    async fn set_last_seen(&self, id: UserId, at: Timestamp) -> Result<()> {
        let (db, _) = self.0.ready()?;
        let later = doc! { "$max": { "lastSeenAt": time(at) } };
        timely(users(&db).update_one(with_account(document_id(id)), later)).await?;
        Ok(())
    }

    async fn set_last_seen_of(&self, ids: &[UserId], at: Timestamp) -> Result<()> {
        /// Far from the largest command that the server takes.
        const MANY: usize = 10_000;
        let (db, _) = self.0.ready()?;
        let later = doc! { "$max": { "lastSeenAt": time(at) } };
        for ids in ids.chunks(MANY) {
            let ids: Vec<Bson> = ids.iter().copied().map(document_id).collect();
            timely(users(&db).update_many(with_account(doc! { "$in": ids }), later.clone())).await?;
        }
        Ok(())
    }

    async fn search(&self, prefix: &str, after: Option<&Username>, limit: u32) -> Result<UserPage> {
        let (db, _) = self.0.ready()?;
        let prefix = fold(prefix);
        let mut filter = doc! { "usernameKey": { "$gt": after.map_or("", Username::as_str) } };
        if !prefix.is_empty() {
            // Nothing that starts with the prefix sorts after the prefix and the last character.
            let end = format!("{prefix}\u{10ffff}");
            filter.insert("nameKeys", doc! { "$elemMatch": { "$gte": &prefix, "$lt": end } });
        }
        let limit = limit.max(1);
        let users = users(&db);
        let page = users
            .find(filter)
            .sort(doc! { "usernameKey": 1 })
            .limit(i64::from(limit) + 1)
            .projection(doc! { "passwordHash": 0, "password": 0, "hash": 0, "nameKeys": 0 });
        let found = within(async { collect(page.await?).await }).await?;
        let mut users: Vec<User> = found.iter().map(user).collect::<Result<_>>()?;
        let wanted = limit as usize;
        let next = (users.len() > wanted).then(|| {
            users.truncate(wanted);
            users.last().map(|user| user.username.clone())
        });
        Ok(UserPage { users, next: next.flatten() })
    }

    async fn contacts(&self, id: UserId) -> Result<Vec<UserId>> {
        Ok(self.contacts_of(&[id]).await?.remove(&id).unwrap_or_default())
    }

    async fn contacts_of(&self, ids: &[UserId]) -> Result<HashMap<UserId, Vec<UserId>>> {
        let (access, _) = self.0.ready()?;
        let mut reads = Reads::of(&access, None);
        let (mine, others) = within(async {
            let of = |field: &str, ids: Vec<Bson>| doc! { field: { "$in": ids } };
            let mut theirs = of("_id.user", ids.iter().map(|id| id.bson()).collect());
            theirs.insert("silenced", doc! { "$ne": true });
            let mine = members::pairs(&mut reads, theirs).await?;
            let all: HashSet<ConversationId> = mine.iter().map(|(conversation, _)| *conversation).collect();
            let kinds = [ConversationKind::Direct, ConversationKind::Group].map(ConversationKind::as_str);
            let close = doc! { "kind": { "$in": kinds.to_vec() } };
            let close = checks::existing(&mut reads, &all, close).await?;
            let close = close.into_iter().map(Id::bson).collect();
            let others = members::pairs(&mut reads, of("_id.conversation", close)).await?;
            Ok((mine, others))
        })
        .await?;
        let mut members: HashMap<ConversationId, Vec<UserId>> = HashMap::new();
        for (conversation, user) in others {
            members.entry(conversation).or_default().push(user);
        }
        let mut contacts: HashMap<UserId, Vec<UserId>> = HashMap::with_capacity(ids.len());
        for (conversation, user) in mine {
            let others = members.get(&conversation).into_iter().flatten();
            contacts.entry(user).or_default().extend(others.filter(|other| **other != user));
        }
        for contacts in contacts.values_mut() {
            contacts.sort_unstable();
            contacts.dedup();
        }
        Ok(contacts)
    }
}

async fn collect(found: mongodb::Cursor<Document>) -> Result<Vec<Document>, Failure> {
    Ok(found.try_collect().await?)
}
