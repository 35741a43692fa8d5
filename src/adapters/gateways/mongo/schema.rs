//! The collections and their indexes, and how an older database becomes a newer one. Several nodes may do it at once: every
//! step may be done twice.

use futures_util::future::BoxFuture;
use mongodb::{
    Database, IndexModel,
    bson::{Document, doc},
    options::{CommitQuorum, CreateCollectionOptions, CreateIndexOptions, IndexOptions},
};

use super::{
    accounts::{ADMIN, BANNED_AT},
    adoption,
    connect::{OpenError, Topology, reason},
    errors::{Failure, timely},
    values::Fields,
};

pub(super) const USERS: &str = "users";
pub(super) const SESSIONS: &str = "sessions";
pub(super) const CONVERSATIONS: &str = "conversations";
pub(super) const MEMBERS: &str = "members";
pub(super) const MESSAGES: &str = "messages";
/// What is known of uploaded files.
pub(super) const ATTACHMENTS: &str = "attachments";
/// Links that lead into a conversation.
pub(super) const INVITES: &str = "invites";
/// What administrators decide for the server.
pub(super) const SETTINGS: &str = "settings";
/// What nodes tell each other and nobody keeps.
pub(super) const SIGNALS: &str = "signals";
/// The nodes that are alive.
pub(super) const NODES: &str = "nodes";
pub(super) const SCHEMA: &str = "schema";

pub(super) const SESSIONS_BY_KEY: &str = "sessions_by_key";
pub(super) const CONVERSATIONS_BY_TITLE: &str = "conversations_by_title";
pub(super) const CONVERSATIONS_DIRECT: &str = "conversations_direct";
pub(super) const CONVERSATIONS_GENERAL: &str = "conversations_general";
/// The index that every collection has.
pub(super) const BY_ID: &str = "_id_";
pub(super) const MESSAGES_BY_SEQ: &str = "messages_by_seq";
pub(super) const MESSAGES_BY_REV: &str = "messages_by_rev";
pub(super) const MESSAGES_BY_REVS: &str = "messages_by_revs";
pub(super) const MESSAGES_BY_TOKEN: &str = "messages_by_token";
pub(super) const MESSAGES_BY_CLIENT_ID: &str = "messages_by_client_id";
pub(super) const MESSAGES_BY_SENDER: &str = "messages_by_sender";

/// Signals are read at once or never.
const SIGNALS_BYTES: u64 = 16 * 1024 * 1024;

type Step = for<'a> fn(&'a Database, Topology) -> BoxFuture<'a, Result<(), Failure>>;

/// Each entry takes a database from the version of its index to the next one. Never change an entry that was released.
const MIGRATIONS: &[Step] = &[
    |db, topology| Box::pin(first(db, topology)),
    |db, topology| Box::pin(with_files(db, topology)),
    |db, topology| Box::pin(with_invites(db, topology)),
    |db, topology| Box::pin(with_admins(db, topology)),
];

/// Brings a database to the newest version.
///
/// # Errors
/// `Newer`, `Rights`, `Unreachable`, `Other`.
pub(super) async fn migrate(db: &Database, topology: Topology) -> Result<(), OpenError> {
    let failed = |failure| failed(db, failure);
    let schema = db.collection::<Document>(SCHEMA);
    let (from, known) = versions(db).await.map_err(failed)?;
    if from > known {
        return Err(OpenError::Newer { database: db.name().to_owned(), found: from, known });
    }
    if from == 0 {
        foreign(db).await?;
    }
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    for (number, step) in MIGRATIONS.iter().enumerate().skip(done) {
        step(db, topology).await.map_err(failed)?;
        let version = i64::try_from(number).unwrap_or(i64::MAX) + 1;
        let update = doc! { "$max": { "version": version } };
        timely(schema.update_one(doc! { "_id": SCHEMA }, update).upsert(true)).await.map_err(failed)?;
    }
    Ok(())
}

/// The version of a database, 0 when it is none of ours, and the newest one.
pub(super) async fn versions(db: &Database) -> Result<(u64, u64), Failure> {
    let schema = db.collection::<Document>(SCHEMA);
    let found = timely(schema.find_one(doc! { "_id": SCHEMA })).await?;
    let version = found.and_then(|found| found.number("version").ok()).unwrap_or(0);
    Ok((version, MIGRATIONS.len() as u64))
}

/// Another application may have left its people and its sessions in the database, which get along with ours. Nothing
/// else does.
async fn foreign(db: &Database) -> Result<(), OpenError> {
    for (collection, ours) in [(CONVERSATIONS, "binData"), (MEMBERS, "object"), (MESSAGES, "binData")] {
        let theirs = doc! { "_id": { "$not": { "$type": ours } } };
        let found = timely(db.collection::<Document>(collection).find_one(theirs)).await;
        if found.map_err(|failure| failed(db, failure))?.is_some() {
            let (database, collection) = (db.name().to_owned(), collection.to_owned());
            return Err(OpenError::Foreign { database, collection });
        }
    }
    Ok(())
}

pub(super) fn failed(db: &Database, failure: Failure) -> OpenError {
    /// Unauthorized.
    const RIGHTS: i32 = 13;
    match failure {
        Failure::Driver(error) if Failure::Driver(error.clone()).code() == Some(RIGHTS) => {
            OpenError::Rights { database: db.name().to_owned(), cause: reason(&error) }
        }
        Failure::Driver(error) if super::errors::passes(&error) => OpenError::Unreachable(reason(&error)),
        Failure::Driver(error) => OpenError::Other(reason(&error)),
        Failure::TooLate => OpenError::Unreachable("it did not answer in time".to_owned()),
        Failure::Refused(error) => OpenError::Other(format!("{error}: {:?}", error.cause())),
    }
}

async fn first(db: &Database, topology: Topology) -> Result<(), Failure> {
    for name in [USERS, SESSIONS, CONVERSATIONS, MEMBERS, MESSAGES, NODES] {
        create(db, name, None).await?;
    }
    let capped = CreateCollectionOptions::builder().capped(true).size(SIGNALS_BYTES).build();
    create(db, SIGNALS, Some(capped)).await?;
    build_indexes(db, topology).await
}

/// A program that knows nothing of files would take them out of the messages that it changes.
async fn with_files(db: &Database, topology: Topology) -> Result<(), Failure> {
    create(db, ATTACHMENTS, None).await?;
    build_indexes(db, topology).await
}

async fn with_invites(db: &Database, topology: Topology) -> Result<(), Failure> {
    create(db, INVITES, None).await?;
    build_indexes(db, topology).await
}

/// The oldest account administrates; not one of another application's people.
async fn with_admins(db: &Database, topology: Topology) -> Result<(), Failure> {
    create(db, SETTINGS, None).await?;
    build_indexes(db, topology).await?;
    let users = db.collection::<Document>(USERS);
    if timely(users.find_one(doc! { ADMIN: true })).await?.is_some() {
        return Ok(());
    }
    let ours = doc! { "_id": { "$type": "binData" }, "usernameKey": { "$exists": true } };
    // Reads all of them, once.
    if let Some(oldest) = users.find_one(ours).sort(doc! { "createdAt": 1, "_id": 1 }).await? {
        let id = doc! { "_id": oldest.get("_id").cloned() };
        timely(users.update_one(id, doc! { "$set": { ADMIN: true } })).await?;
    }
    Ok(())
}

/// Those that are not there yet. May take long where there is much; it is not to be given up. Where there are several
/// members, the server waits for all of them if nothing else is said, also for those that are down.
pub(super) async fn build_indexes(db: &Database, topology: Topology) -> Result<(), Failure> {
    let quorum = (topology == Topology::ReplicaSet).then_some(CommitQuorum::Majority);
    let options = CreateIndexOptions::builder().commit_quorum(quorum).build();
    for same in wanted().chunk_by(|(one, _), (other, _)| one == other) {
        let models = same.iter().map(|(_, model)| model.clone());
        if let Some((collection, _)) = same.first() {
            db.collection::<Document>(collection)
                .create_indexes(models)
                .with_options(options.clone())
                .await?;
        }
    }
    Ok(())
}

fn wanted() -> Vec<(&'static str, IndexModel)> {
    let unique = |name: &str, keys| index(name, keys, IndexOptions::builder().unique(true).build());
    let plain = |name: &str, keys| index(name, keys, IndexOptions::default());
    // Only where the field is there.
    let where_any = |name: &str, field: &str| {
        let filter = doc! { field: { "$exists": true } };
        let options = IndexOptions::builder().unique(true).partial_filter_expression(filter).build();
        index(name, doc! { field: 1 }, options)
    };
    let expiry = IndexOptions::builder().expire_after(std::time::Duration::ZERO).build();
    let sent = IndexOptions::builder()
        .unique(true)
        .partial_filter_expression(doc! { "clientId": { "$exists": true } })
        .build();
    // Those who came from another application; it may have an index on the name of its own.
    let adopted = IndexOptions::builder()
        .collation(adoption::without_case())
        .partial_filter_expression(doc! { "_id": { "$type": "objectId" } })
        .build();
    let flagged = |name: &str, flag: &str, keys| {
        let options = IndexOptions::builder().partial_filter_expression(doc! { flag: true }).build();
        index(name, keys, options)
    };
    let banned =
        IndexOptions::builder().partial_filter_expression(doc! { BANNED_AT: { "$exists": true } }).build();
    let deleted = IndexOptions::builder().partial_filter_expression(doc! { "deleted": true }).build();
    vec![
        (USERS, where_any("users_by_username_key", "usernameKey")),
        (USERS, index("users_by_adopted_username", doc! { "username": 1 }, adopted)),
        (USERS, plain("users_by_names", doc! { "nameKeys": 1, "usernameKey": 1 })),
        (USERS, flagged("users_admins", ADMIN, doc! { ADMIN: 1, "usernameKey": 1 })),
        (USERS, index("users_banned", doc! { "usernameKey": 1, BANNED_AT: 1 }, banned)),
        // Of another application's sessions there is none with a key.
        (SESSIONS, where_any(SESSIONS_BY_KEY, "_id.key")),
        (SESSIONS, plain("sessions_by_user", doc! { "user": 1, "lastSeenAt": -1 })),
        (SESSIONS, index("sessions_by_expiry", doc! { "expiresAt": 1 }, expiry)),
        (CONVERSATIONS, where_any(CONVERSATIONS_BY_TITLE, "titleKey")),
        (CONVERSATIONS, where_any(CONVERSATIONS_DIRECT, "directKey")),
        (CONVERSATIONS, where_any(CONVERSATIONS_GENERAL, "general")),
        (MEMBERS, plain("members_by_user", doc! { "_id.user": 1 })),
        (MEMBERS, plain("members_by_age", doc! { "_id.conversation": 1, "joinedAt": 1, "_id.user": 1 })),
        (MESSAGES, unique(MESSAGES_BY_SEQ, doc! { "conversation": 1, "seq": 1 })),
        (MESSAGES, plain(MESSAGES_BY_REV, doc! { "conversation": 1, "rev": 1 })),
        // All that a document ever had: who believes that a conversation ends where it ended a moment ago must run into
        // the next change, also when what was changed then has been changed again.
        (MESSAGES, unique(MESSAGES_BY_REVS, doc! { "conversation": 1, "revs": 1 })),
        (MESSAGES, index(MESSAGES_BY_CLIENT_ID, doc! { "clientId": 1, "sender": 1 }, sent)),
        (MESSAGES, plain(MESSAGES_BY_SENDER, doc! { "conversation": 1, "sender": 1, "seq": -1 })),
        (MESSAGES, index("messages_deleted", doc! { "deleted": 1 }, deleted)),
        (MESSAGES, plain(MESSAGES_BY_TOKEN, doc! { "conversation": 1, "tokens": 1, "_id": -1 })),
        (INVITES, plain("invites_by_conversation", doc! { "conversation": 1, "createdAt": -1, "_id": -1 })),
        (ATTACHMENTS, flagged("attachments_unclaimed", "unclaimed", doc! { "owner": 1 })),
        (ATTACHMENTS, flagged("attachments_unsettled", "unsettled", doc! { "createdAt": 1, "_id": 1 })),
        (ATTACHMENTS, flagged("attachments_by_conversation", "claimed", doc! { "conversation": 1 })),
    ]
}

fn index(name: &str, keys: Document, mut options: IndexOptions) -> IndexModel {
    options.name = Some(name.to_owned());
    IndexModel::builder().keys(keys).options(options).build()
}

async fn create(db: &Database, name: &str, options: Option<CreateCollectionOptions>) -> Result<(), Failure> {
    /// NamespaceExists.
    const EXISTS: i32 = 48;
    match timely(db.create_collection(name).with_options(options)).await {
        Err(failure) if failure.code() == Some(EXISTS) => Ok(()),
        other => other,
    }
}
