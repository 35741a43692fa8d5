use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection, Database as Db,
    bson::{Binary, Bson, Document, doc, spec::BinarySubtype},
};

use super::{
    Database,
    errors::{Failure, timely, within},
    schema::{SESSIONS, SESSIONS_BY_KEY},
    users,
    values::{Fields, Id, broken, time},
};
use crate::domain::{
    entities::{
        ids::{SessionId, UserId},
        session::{Session, SessionKey},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::session_repository::{SessionRepository, Touch},
};

/// Signed-in devices.
#[derive(Clone)]
pub struct MongoSessions(pub(super) Arc<Database>);

pub(super) fn binary(key: &SessionKey) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: key.as_bytes().to_vec() })
}

/// The key and the id of a session, out of the `_id` of its document: all that is told when it is deleted.
pub(super) fn identity(id: &Document) -> Result<(SessionId, SessionKey)> {
    let key = match id.get("key") {
        Some(Bson::Binary(binary)) => binary.bytes.as_slice().try_into().ok(),
        _ => None,
    };
    let key = key.map(SessionKey::from_bytes).ok_or_else(|| broken("a session without a key"))?;
    Ok((id.id("id")?, key))
}

pub(super) fn document(session: &Session) -> Document {
    doc! {
        "_id": { "id": session.id.bson(), "key": binary(&session.key) },
        "user": session.user.bson(),
        "device": &session.device,
        "createdAt": time(session.created_at),
        "lastSeenAt": time(session.last_seen_at),
        "expiresAt": time(session.expires_at),
    }
}

pub(super) fn session(document: &Document) -> Result<Session> {
    let (id, key) = identity(document.nested("_id")?)?;
    Ok(Session {
        key,
        id,
        user: document.id("user")?,
        device: document.text("device")?.to_owned(),
        created_at: document.at("createdAt")?,
        last_seen_at: document.at("lastSeenAt")?,
        expires_at: document.at("expiresAt")?,
    })
}

fn sessions(db: &Db) -> Collection<Document> {
    db.collection(SESSIONS)
}

async fn all(db: &Db, filter: Document) -> Result<Vec<Session>, Failure> {
    let newest_first = doc! { "lastSeenAt": -1, "_id.id": -1 };
    let found: Vec<Document> = sessions(db).find(filter).sort(newest_first).await?.try_collect().await?;
    Ok(found.iter().map(session).collect::<Result<_>>()?)
}

/// The sessions behind these keys, in their order.
async fn behind(database: Arc<Database>, keys: Vec<SessionKey>) -> Result<Vec<Option<Session>>> {
    let (db, _) = database.ready()?;
    let any: Vec<Bson> = keys.iter().map(binary).collect();
    let found = within(async {
        let found = sessions(&db).find(doc! { "_id.key": { "$in": any } }).await?;
        Ok(found.try_collect::<Vec<Document>>().await?)
    });
    let found: Vec<Session> = found.await?.iter().map(session).collect::<Result<_>>()?;
    let found: HashMap<SessionKey, Session> =
        found.into_iter().map(|session| (session.key, session)).collect();
    Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
}

impl MongoSessions {
    async fn end(&self, filter: Document) -> Result<Option<Session>> {
        let (db, _) = self.0.ready()?;
        timely(sessions(&db).find_one_and_delete(filter)).await?.as_ref().map(session).transpose()
    }
}

#[async_trait]
impl SessionRepository for MongoSessions {
    async fn create(&self, session: &Session) -> Result<bool> {
        let (db, _) = self.0.ready()?;
        match timely(sessions(&db).insert_one(document(session))).await {
            Ok(_) => {}
            Err(failure) if failure.is_duplicate(Some(SESSIONS_BY_KEY)) => return Ok(false),
            Err(failure) => return Err(failure.into()),
        }
        // Asked behind it: whoever is banned from now on finds the session and ends it.
        if users::may_sign_in(&db, session.user).await? {
            return Ok(true);
        }
        timely(sessions(&db).delete_one(doc! { "_id.key": binary(&session.key) })).await?;
        Err(DomainError::NotFound("user"))
    }

    async fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>> {
        let found = self.0.ask(|arrivals| &arrivals.sessions, *key, behind).await?;
        // The server removes what has expired once a minute only.
        Ok(found.filter(|session| session.expires_at > now))
    }

    async fn touch(&self, key: &SessionKey, last_seen: Timestamp, expires: Timestamp) -> Result<()> {
        self.touch_all(&[Touch { key: *key, last_seen, expires }]).await
    }

    async fn touch_all(&self, touches: &[Touch]) -> Result<()> {
        let (db, _) = self.0.ready()?;
        let update = |touch: &Touch| {
            let times = doc! { "lastSeenAt": time(touch.last_seen), "expiresAt": time(touch.expires) };
            doc! { "q": { "_id.key": binary(&touch.key) }, "u": { "$max": times } }
        };
        let updates: Vec<Document> = touches.iter().map(update).collect();
        timely(db.run_command(doc! { "update": SESSIONS, "updates": updates, "ordered": false })).await?;
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<Option<Session>> {
        self.end(doc! { "_id.key": binary(key) }).await
    }

    async fn delete_by_id(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        self.end(doc! { "user": user.bson(), "_id.id": id.bson() }).await
    }

    async fn delete_others(&self, user: UserId, keep: Option<SessionId>) -> Result<Vec<Session>> {
        let (db, _) = self.0.ready()?;
        let mut others = doc! { "user": user.bson() };
        if let Some(keep) = keep {
            others.insert("_id.id", doc! { "$ne": keep.bson() });
        }
        let ended = within(async {
            let ended = all(&db, others).await?;
            // These and no others: what begins meanwhile is not among those that are answered.
            let keys: Vec<Bson> = ended.iter().map(|session| binary(&session.key)).collect();
            if !keys.is_empty() {
                sessions(&db).delete_many(doc! { "_id.key": { "$in": keys } }).await?;
            }
            Ok(ended)
        });
        Ok(ended.await?)
    }

    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let (db, _) = self.0.ready()?;
        let live = doc! { "user": user.bson(), "expiresAt": { "$gt": time(now) } };
        Ok(within(all(&db, live)).await?)
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
        let (db, _) = self.0.ready()?;
        let expired = doc! { "expiresAt": { "$lte": time(now) } };
        Ok(timely(sessions(&db).delete_many(expired)).await?.deleted_count)
    }
}
