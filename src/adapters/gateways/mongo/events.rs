//! What the events of the change stream mean.

use std::sync::Arc;

use mongodb::bson::{Document, RawDocument, RawDocumentBuf, doc};
use serde::Deserialize;

use super::{
    changes::Marker,
    lanes::Lanes,
    rows::{self, MemberKey, ReadPosition, StoredMessage},
    schema::{BLOCKS, MEMBERS, MESSAGES, SESSIONS, SIGNALS, USERS},
    sessions,
    users::{self, AVATAR},
    values::Fields,
};
use crate::domain::{entities::change::Change, error::Result, interfaces::change_feed::FeedEvent};

/// An event of which only what its kind has is there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    operation_type: &'a str,
    #[serde(borrow, default)]
    ns: Option<Namespace<'a>>,
    #[serde(borrow, default)]
    full_document: Option<&'a RawDocument>,
    #[serde(borrow, default)]
    document_key: Option<&'a RawDocument>,
    #[serde(borrow, default)]
    update_description: Option<&'a RawDocument>,
}

#[derive(Deserialize)]
struct Namespace<'a> {
    #[serde(default)]
    coll: &'a str,
}

/// What an event tells.
#[derive(Debug)]
pub(super) enum Heard {
    Events(Vec<FeedEvent>),
    /// Another node's word.
    Signal(RawDocumentBuf),
    /// Nothing comes any more.
    Ended,
}

/// Which events the server is to send: the fewer, the less work for everybody.
pub(super) fn wanted() -> Vec<Document> {
    let any = vec![
        doc! { "ns.coll": MESSAGES, "operationType": { "$in": ["insert", "replace"] } },
        doc! { "ns.coll": MEMBERS, "operationType": "update" },
        doc! { "ns.coll": BLOCKS, "operationType": { "$in": ["insert", "delete"] } },
        // Of people only what is told, for when they were last seen is written often.
        doc! { "ns.coll": USERS, "operationType": "update", "$or": [
            { "updateDescription.updatedFields.displayName": { "$exists": true } },
            { format!("updateDescription.updatedFields.{AVATAR}"): { "$exists": true } },
            { "updateDescription.removedFields": AVATAR },
        ] },
        // The end of an account.
        doc! { "ns.coll": USERS, "operationType": "replace" },
        doc! { "ns.coll": SESSIONS, "operationType": "delete" },
        doc! { "ns.coll": SIGNALS, "operationType": "insert" },
        // These end the stream, or what it tells of.
        doc! { "operationType": { "$in": ["drop", "rename", "dropDatabase", "invalidate"] } },
    ];
    vec![doc! { "$match": { "$or": any } }]
}

/// Reads an event, and tells the lanes where their conversations stand.
pub(super) fn read(event: &RawDocument, lanes: &Lanes) -> Result<Heard> {
    let event: Event<'_> = rows::read(event)?;
    let collection = event.ns.as_ref().map_or("", |ns| ns.coll);
    match (event.operation_type, collection, event.full_document) {
        (kind @ ("insert" | "replace"), MESSAGES, Some(document)) => {
            message(document, kind == "insert", lanes).map(Heard::Events)
        }
        ("insert", SIGNALS, Some(document)) => Ok(Heard::Signal(document.to_owned())),
        ("update", MEMBERS, _) => Ok(Heard::Events(membership(&event)?)),
        ("insert" | "delete", BLOCKS, _) => Ok(Heard::Events(block(&event)?.into_iter().collect())),
        ("update" | "replace", USERS, _) => Ok(Heard::Events(profile(&event)?.into_iter().collect())),
        ("delete", SESSIONS, _) => Ok(Heard::Events(session(&event)?.into_iter().collect())),
        ("dropDatabase" | "invalidate", ..) => Ok(Heard::Ended),
        ("drop" | "rename", MESSAGES | MEMBERS | SESSIONS | SIGNALS, _) => Ok(Heard::Ended),
        _ => Ok(Heard::Events(Vec::new())),
    }
}

/// A message, or the marker of a conversation.
fn message(document: &RawDocument, is_new: bool, lanes: &Lanes) -> Result<Vec<FeedEvent>> {
    if document.get("event").is_ok_and(|event| event.is_some()) {
        let marker = Marker::read(document)?;
        // Nothing may come after the end: who does not know of it runs into it.
        if !marker.is_deleted() {
            lanes.heard(marker.conversation(), 0, marker.rev);
        }
        return Ok(marker.changes()?.into_iter().map(FeedEvent::Change).collect());
    }
    let message = rows::read::<StoredMessage<'_>>(document)?.message()?;
    lanes.heard(message.conversation, message.seq, message.rev);
    let message = Arc::new(message);
    let change = if is_new { Change::MessageCreated(message) } else { Change::MessageUpdated(message) };
    Ok(vec![FeedEvent::Change(change)])
}

/// Somebody has read on, or marked a conversation. A role may change as well.
fn membership(event: &Event<'_>) -> Result<Vec<FeedEvent>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Description {
        updated_fields: Updated,
    }
    #[derive(Deserialize)]
    struct Updated {
        #[serde(default)]
        read: Option<ReadPosition>,
        #[serde(default)]
        muted: Option<bool>,
        #[serde(default)]
        pinned: Option<bool>,
        #[serde(default)]
        unread: Option<bool>,
    }
    #[derive(Deserialize)]
    struct Documented {
        #[serde(rename = "_id")]
        key: MemberKey,
    }
    let (Some(description), Some(key)) = (event.update_description, event.document_key) else {
        return Ok(Vec::new());
    };
    let Updated { read, muted, pinned, unread } = rows::read::<Description>(description)?.updated_fields;
    let MemberKey { conversation, user } = rows::read::<Documented>(key)?.key;
    let (conversation, user) = (conversation.0, user.0);
    let read = read.map(|read| Change::Read { conversation, user, seq: read.seq, told: read.told });
    let marked = muted.or(pinned).or(unread).map(|_| Change::Marked(user));
    Ok(read.into_iter().chain(marked).map(FeedEvent::Change).collect())
}

/// Somebody has blocked somebody, or does not any more.
fn block(event: &Event<'_>) -> Result<Option<FeedEvent>> {
    let Some(key) = event.document_key else { return Ok(None) };
    let key: Document = rows::read(key)?;
    let blocker = key.nested("_id")?.id("blocker")?;
    Ok(Some(FeedEvent::Change(Change::Marked(blocker))))
}

/// Somebody has another name or picture, or their account is closed.
fn profile(event: &Event<'_>) -> Result<Option<FeedEvent>> {
    let Some(key) = event.document_key else { return Ok(None) };
    let key: Document = rows::read(key)?;
    Ok(users::id_of(&key)?.map(|id| FeedEvent::Change(Change::Profile(id))))
}

/// Another application's sessions are none of ours.
fn session(event: &Event<'_>) -> Result<Option<FeedEvent>> {
    let Some(key) = event.document_key else { return Ok(None) };
    let key: Document = rows::read(key)?;
    let Ok(id) = key.get_document("_id") else { return Ok(None) };
    let (id, key) = sessions::identity(id)?;
    Ok(Some(FeedEvent::SessionEnded { id, key }))
}
