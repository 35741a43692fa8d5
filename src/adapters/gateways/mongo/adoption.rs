//! People of a Node application that kept them with Mongoose in the collection that is ours now. Nothing of theirs is
//! written to before they sign in, and what is theirs stays readable for that application. See docs/ADOPTION.md.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use mongodb::{
    Database as Db, IndexModel,
    bson::{Bson, Document, doc, oid::ObjectId},
    options::Collation,
};
use uuid::Uuid;

use super::{
    accounts::DELETED_AT,
    errors::{Failure, within},
    schema::USERS,
    users::{AVATAR, name_keys_of},
    values::{Fields, time},
};
use crate::domain::entities::{
    ids::UserId,
    timestamp::Timestamp,
    user::{DisplayName, Locale, PasswordHash, User, Username},
};

/// The fields that may hold a password's hash. The first is what it is called here, and the others are another
/// application's alone.
const HASHES: [&str; 3] = ["passwordHash", "password", "hash"];

/// Version 8 and the variant of RFC 9562. No id that is made here has this version.
pub(super) const MARK: [u8; 4] = [0x80, 0, 0x80, 0];

/// A UUID of version 8 (RFC 9562, section 5.8) whose first six and last six bytes are the `ObjectId`.
pub(super) fn user_id(id: ObjectId) -> UserId {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = id.bytes();
    let [m, n, o, p] = MARK;
    UserId::from_uuid(Uuid::from_bytes([a, b, c, d, e, f, m, n, o, p, g, h, i, j, k, l]))
}

/// The id that somebody had before; `None` for those who registered here.
pub(super) fn object_id(id: UserId) -> Option<ObjectId> {
    let &[a, b, c, d, e, f, m, n, o, p, g, h, i, j, k, l] = id.as_bytes();
    ([m, n, o, p] == MARK).then(|| ObjectId::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l]))
}

/// The name that somebody is known by here, if theirs is one.
fn username(document: &Document) -> Option<Username> {
    let text = document.get_str("username").ok()?;
    Username::parse(text).ok().filter(|_| text.trim() == text)
}

/// The person behind a document, `None` when the name is none. What the other application has in fields that we have
/// too is taken when it can be.
pub(super) fn user(id: ObjectId, document: &Document) -> Option<User> {
    let username = username(document)?;
    let text = |field| document.get_str(field).ok();
    let at =
        |field| document.get_datetime(field).ok().map(|at| Timestamp::from_millis(at.timestamp_millis()));
    // As they wrote themselves, `Ana` and not `ana`.
    let written = || text("username").and_then(|name| DisplayName::parse(name).ok());
    Some(User {
        id: user_id(id),
        display_name: text("displayName")
            .and_then(|name| DisplayName::parse(name).ok())
            .or_else(written)
            .unwrap_or_else(|| DisplayName::from(&username)),
        username,
        locale: text("locale").and_then(|locale| Locale::parse(locale).ok()),
        avatar: document.maybe_id(AVATAR).ok().flatten(),
        created_at: at("createdAt")
            .unwrap_or_else(|| Timestamp::from_millis(id.timestamp().timestamp_millis())),
        last_seen_at: at("lastSeenAt"),
    })
}

/// A bcrypt hash as Node's packages write it.
pub(super) fn hash(document: &Document) -> Option<PasswordHash> {
    let is_bcrypt =
        |text: &&str| text.len() == 60 && ["$2a$", "$2b$", "$2y$"].iter().any(|kind| text.starts_with(kind));
    HASHES.iter().find_map(|field| document.get_str(field).ok().filter(is_bcrypt)).map(PasswordHash::new)
}

/// What is taken away when somebody chooses another password: the old one must open nothing any more.
pub(super) fn old_hashes() -> Document {
    HASHES.iter().skip(1).map(|field| ((*field).to_owned(), Bson::from(""))).collect()
}

/// What a document lacks to be an account here. Fields that are there stay as they are.
pub(super) fn missing(document: &Document, user: &User) -> Document {
    let mut missing = doc! {
        "usernameKey": user.username.as_str(),
        "nameKeys": name_keys_of(&user.username, &user.display_name),
    };
    if !document.contains_key("displayName") {
        missing.insert("displayName", user.display_name.as_str());
    }
    if !document.contains_key("createdAt") {
        missing.insert("createdAt", time(user.created_at));
    }
    missing
}

/// Those who have not signed in here yet.
pub(super) fn waiting() -> Document {
    doc! {
        "_id": { "$type": "objectId" },
        "usernameKey": { "$exists": false },
        DELETED_AT: { "$exists": false },
    }
}

/// Whoever has this name in the other application, without regard to case, and has not signed in here yet; with the
/// hash of their password, if it is one that we can check. Of several the one who was there first.
pub(super) async fn find(
    db: &Db,
    wanted: &Username,
) -> Result<Option<(User, Option<PasswordHash>)>, Failure> {
    let mut filter = waiting();
    filter.insert("username", wanted.as_str());
    within(async {
        let users = db.collection::<Document>(USERS);
        let mut found = users.find(filter).collation(without_case()).sort(doc! { "_id": 1 }).await?;
        while let Some(document) = found.try_next().await? {
            // The collation overlooks more than case.
            let Ok(id) = document.get_object_id("_id") else { continue };
            match user(id, &document) {
                Some(user) if user.username == *wanted => return Ok(Some((user, hash(&document)))),
                _ => {}
            }
        }
        Ok(None)
    })
    .await
}

/// The order of the index by which they are found; see <https://www.mongodb.com/docs/manual/reference/collation/>.
pub(super) fn without_case() -> Collation {
    use mongodb::options::CollationStrength::Secondary;
    Collation::builder().locale("en").strength(Secondary).build()
}

/// How many people of another application have not signed in here yet, and who of them cannot.
#[derive(Debug, Default, PartialEq, Eq)]
struct Census {
    waiting: u64,
    unfit_names: u64,
    doubled_names: u64,
    other_passwords: u64,
}

/// Says in the log who of another application's people cannot sign in, if there are any, and what keeps others from
/// registering.
pub(super) async fn report(db: &Db) {
    match narrow_indexes(db).await {
        Ok(names) => {
            for index in names {
                tracing::warn!(
                    index,
                    "an index of another application lets only one person register; docs/ADOPTION.md says what to do"
                );
            }
        }
        Err(failure) => tracing::debug!(%failure, "the indexes of another application were not looked at"),
    }
    match census(db).await {
        Ok(Census { waiting: 0, .. }) => {}
        Ok(Census { waiting, unfit_names, doubled_names, other_passwords }) => {
            tracing::info!(waiting, "people of another application have not signed in here yet");
            if unfit_names + doubled_names + other_passwords > 0 {
                tracing::warn!(
                    unfit_names,
                    doubled_names,
                    other_passwords,
                    "some people of another application cannot sign in; docs/ADOPTION.md says what to do"
                );
            }
        }
        Err(failure) => tracing::debug!(%failure, "people of another application were not counted"),
    }
}

async fn census(db: &Db) -> Result<Census, Failure> {
    let mut census = Census::default();
    let mut names = HashSet::new();
    let mut fields = doc! { "username": 1 };
    fields.extend(HASHES.map(|field| (field.to_owned(), Bson::Int32(1))));
    let users = db.collection::<Document>(USERS);
    let mut found = users.find(waiting()).projection(fields).sort(doc! { "_id": 1 }).await?;
    while let Some(document) = found.try_next().await? {
        census.waiting += 1;
        match username(&document).map(|name| names.insert(name)) {
            None => census.unfit_names += 1,
            Some(false) => census.doubled_names += 1,
            Some(true) if hash(&document).is_none() => census.other_passwords += 1,
            Some(true) => {}
        }
    }
    Ok(census)
}

/// Unique indexes on fields that nobody who registers here has, such as an e-mail address: they take one such document,
/// and no more.
async fn narrow_indexes(db: &Db) -> Result<Vec<String>, Failure> {
    let indexes: Vec<IndexModel> =
        db.collection::<Document>(USERS).list_indexes().await?.try_collect().await?;
    let narrow = indexes.into_iter().filter_map(|index| {
        let options = index.options?;
        let for_all = options.partial_filter_expression.is_none() && options.sparse != Some(true);
        let of_others = !index.keys.contains_key("username") && !index.keys.contains_key("_id");
        (options.unique == Some(true) && for_all && of_others).then_some(options.name).flatten()
    });
    Ok(narrow.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_id_comes_back_out_of_the_uuid() {
        for hex in ["000000000000000000000000", "ffffffffffffffffffffffff", "64b7f0a1c2d3e4f506172839"] {
            let id = ObjectId::parse_str(hex).unwrap();
            let uuid = user_id(id).as_uuid();
            assert_eq!((uuid.get_version_num(), uuid.get_variant()), (8, uuid::Variant::RFC4122));
            assert_eq!(object_id(user_id(id)), Some(id));
            assert_eq!(uuid.simple().to_string(), format!("{}80008000{}", &hex[..12], &hex[12..]));
        }
        for other in ["01980000-0000-7000-8000-000000000001", "64b7f0a1-c2d3-8001-8000-e4f506172839"] {
            assert_eq!(object_id(other.parse().unwrap()), None);
        }
    }

    #[test]
    fn names_are_taken_as_they_stand() {
        for (name, fits) in
            [("Ana.Maria_9-x", true), ("al", false), (" ana", false), ("ana maría", false), ("Ánna", false)]
        {
            assert_eq!(username(&doc! { "username": name }).is_some(), fits, "{name}");
        }
        assert_eq!(username(&doc! { "username": 7 }), None);
        assert_eq!(username(&Document::new()), None);
    }

    #[test]
    fn what_is_no_bcrypt_hash_opens_nothing() {
        let bcrypt = "$2b$10$CM9rra1q4avUJMFE07wExOVKbQqRhEVDqF2cdeDveDQ3ggviSBAD.";
        assert!(hash(&doc! { "password": bcrypt }).is_some());
        assert!(hash(&doc! { "salt": "ab", "hash": bcrypt, "password": "plain" }).is_some());
        for other in
            [doc! { "password": "goiabada" }, doc! { "salt": "ab", "hash": "c0ffee" }, doc! { "password": 1 }]
        {
            assert!(hash(&other).is_none());
        }
    }
}
