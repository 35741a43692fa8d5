//! Conversations with all that belongs to them, in one round trip for as many as are wanted.

use std::{cmp::Reverse, collections::HashMap};

use mongodb::bson::{Bson, Document, RawDocument, doc};
use serde::Deserialize;

use super::{
    errors::Failure,
    lanes::Head,
    reads::Reads,
    rows::{self, StoredConversation, StoredMember, StoredRole},
    schema::{CONVERSATIONS, MEMBERS, MESSAGES},
    values::{Id, Key},
};
use crate::domain::{
    entities::{
        conversation::{Conversation, ConversationView, Member, SMALL_CONVERSATION},
        ids::{ConversationId, UserId},
        message::Message,
        timestamp::Timestamp,
    },
    error::Result,
};

/// A conversation as it was found.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Its members are there when they were asked for.
    pub conversation: Conversation,
    /// That of whoever asked; `None` when they are not in it.
    pub member: Option<Membership>,
    /// What channels are sorted by.
    pub title_key: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Membership {
    pub read_seq: u64,
    pub muted: bool,
    /// Marked as unread, though it was read.
    pub unread: bool,
}

impl Membership {
    /// Without what they sent themselves counting as read.
    const fn of(member: &StoredMember) -> Self {
        Self { read_seq: member.read.seq, muted: member.muted, unread: member.unread }
    }
}

impl Seen {
    /// When something was last said, or else when it began.
    pub(super) fn active_at(&self) -> Timestamp {
        let last = self.conversation.last_message.as_ref();
        last.map_or(self.conversation.created_at, |message| message.created_at)
    }

    /// Whether the reader marked it as unread.
    pub(super) fn is_marked_unread(&self) -> bool {
        self.member.is_some_and(|member| member.unread)
    }

    /// `None` when the reader is not in it.
    pub(super) fn into_view(self) -> Option<ConversationView> {
        let Membership { read_seq, muted, .. } = self.member?;
        Some(ConversationView { conversation: self.conversation, read_seq, muted })
    }
}

/// Whether the first members come along, which cost more than all the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    First,
    None,
}

/// Those of the conversations that are there.
pub(super) async fn see(
    reads: &mut Reads<'_>,
    ids: &[ConversationId],
    members: Members,
    reader: Option<UserId>,
) -> Result<HashMap<ConversationId, Seen>, Failure> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut found = HashMap::<ConversationId, Parts>::with_capacity(ids.len());
    let mut parts = parts(ids, members);
    if let Some(reader) = reader {
        parts.extend(seen_by(ids, reader));
    }
    for document in reads.union(parts).await? {
        let part: Part<'_> = rows::read(&document)?;
        let id = part.id.0;
        found.entry(id).or_default().take(part)?;
    }
    let seen = found.into_iter().filter_map(|(id, parts)| parts.seen().transpose().map(|seen| (id, seen)));
    Ok(seen.map(|(id, seen)| seen.map(|seen| (id, seen))).collect::<Result<_>>()?)
}

/// The conversations of each of these people, the newest activity first, as that person sees them. `reads` is to see one
/// moment; on a server that cannot do that, somebody who is being taken out may be seen for as long as this takes.
pub(super) async fn of_users(
    reads: &mut Reads<'_>,
    users: &[UserId],
    members: Members,
) -> Result<HashMap<UserId, Vec<Seen>>, Failure> {
    let theirs = memberships(reads, users).await?;
    let mut ids: Vec<ConversationId> = theirs.values().flatten().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut parts = parts(&ids, members);
    for (user, theirs) in &theirs {
        let ids: Vec<Bson> = theirs.iter().map(|(id, _)| id.bson()).collect();
        parts.push((MESSAGES, own(&ids, *user)));
    }
    let (mut found, mut own) = (HashMap::<ConversationId, Parts>::new(), HashMap::new());
    for document in reads.union(parts).await? {
        let part: Part<'_> = rows::read(&document)?;
        match (part.sender, part.own) {
            (Some(sender), Some(seq)) => drop(own.insert((part.id.0, sender.0), seq)),
            _ => found.entry(part.id.0).or_default().take(part)?,
        }
    }
    let mut conversations = HashMap::with_capacity(found.len());
    for (id, parts) in found {
        conversations.extend(parts.seen()?.map(|seen| (id, seen)));
    }
    let see = |user: UserId, (id, member): (ConversationId, Membership)| {
        let mut seen = conversations.get(&id)?.clone();
        let sent = own.get(&(id, user)).copied().unwrap_or(0);
        seen.member = Some(Membership { read_seq: member.read_seq.max(sent), ..member });
        Some(seen)
    };
    let seen = theirs.into_iter().map(|(user, theirs)| {
        let mut seen: Vec<Seen> = theirs.into_iter().filter_map(|theirs| see(user, theirs)).collect();
        seen.sort_by_key(|seen| Reverse((seen.active_at(), seen.conversation.id)));
        (user, seen)
    });
    Ok(seen.collect())
}

/// What these people are in, without what they sent themselves counting as read.
async fn memberships(
    reads: &mut Reads<'_>,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<(ConversationId, Membership)>>, Failure> {
    let users: Vec<Bson> = users.iter().map(|user| user.bson()).collect();
    let mut theirs = HashMap::<UserId, Vec<_>>::new();
    for document in reads.find(MEMBERS, doc! { "_id.user": { "$in": users } }, None).await? {
        let member: StoredMember = rows::read(&document)?;
        let membership = Membership::of(&member);
        theirs.entry(member.key.user.0).or_default().push((member.key.conversation.0, membership));
    }
    Ok(theirs)
}

/// One conversation with its members, as the reader sees it.
pub(super) async fn see_one(
    reads: &mut Reads<'_>,
    id: ConversationId,
    reader: Option<UserId>,
) -> Result<Option<Seen>, Failure> {
    Ok(see(reads, &[id], Members::First, reader).await?.remove(&id))
}

/// Where those of the conversations that are there end. One that was deleted is not, though its messages may not be all gone
/// yet; if it is deleted after this, that takes a `rev`.
pub(super) async fn heads(
    reads: &mut Reads<'_>,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, Head>, Failure> {
    #[derive(Deserialize)]
    struct Part {
        #[serde(rename = "_id")]
        id: Key<ConversationId>,
        #[serde(default)]
        seq: u64,
        #[serde(default)]
        rev: u64,
        /// Nothing has a greater `rev` than the marker that tells the end.
        #[serde(default)]
        deleted: Option<bool>,
    }
    let ids = list(ids);
    let seqs = newest(&ids, "seq", doc! { "seq": { "$first": "$seq" } });
    let revs = newest(&ids, "rev", doc! { "rev": { "$first": "$rev" }, "deleted": { "$first": "$deleted" } });
    let mut heads = HashMap::with_capacity(ids.len());
    let mut deleted = Vec::new();
    for document in reads.union(vec![(MESSAGES, seqs), (MESSAGES, revs)]).await? {
        let part: Part = rows::read(&document)?;
        let head = heads.entry(part.id.0).or_insert(Head { seq: 0, rev: 0 });
        *head = Head { seq: head.seq.max(part.seq), rev: head.rev.max(part.rev) };
        deleted.extend((part.deleted == Some(true)).then_some(part.id.0));
    }
    for id in deleted {
        heads.remove(&id);
    }
    Ok(heads)
}

/// The first members of each.
pub(super) async fn first_members(
    reads: &mut Reads<'_>,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, Vec<Member>>, Failure> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "_id")]
        id: Key<ConversationId>,
        members: Vec<StoredRole>,
    }
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = doc! { "$match": { "_id": { "$in": list(ids) } } };
    let pipeline = vec![wanted, lookup_members(), doc! { "$project": { "members": 1 } }];
    let mut found = HashMap::with_capacity(ids.len());
    for document in reads.aggregate(CONVERSATIONS, pipeline).await? {
        let Found { id, members } = rows::read(&document)?;
        found.insert(id.0, members.iter().map(StoredRole::member).collect::<Result<_>>()?);
    }
    Ok(found)
}

/// One document of the answer: it has one of these.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(rename = "_id")]
    id: Key<ConversationId>,
    #[serde(default)]
    conversation: Option<StoredConversation>,
    #[serde(default)]
    members: Vec<StoredRole>,
    /// The newest message, or the marker when there is none.
    #[serde(borrow, default)]
    last: Option<&'a RawDocument>,
    #[serde(default)]
    rev: Option<u64>,
    /// The newest that the reader sent.
    #[serde(default)]
    own: Option<u64>,
    /// Who that is.
    #[serde(default)]
    sender: Option<Key<UserId>>,
    #[serde(default)]
    member: Option<StoredMember>,
}

#[derive(Default)]
struct Parts {
    conversation: Option<(StoredConversation, Vec<StoredRole>)>,
    last: Option<Message>,
    rev: u64,
    own: u64,
    member: Option<StoredMember>,
}

impl Parts {
    fn take(&mut self, part: Part<'_>) -> Result<()> {
        if let Some(conversation) = part.conversation {
            self.conversation = Some((conversation, part.members));
        }
        if let Some(last) = part.last.filter(|last| is_message(last)) {
            self.last = Some(rows::message(last)?);
        }
        self.rev = self.rev.max(part.rev.unwrap_or(0));
        self.own = self.own.max(part.own.unwrap_or(0));
        if part.member.is_some() {
            self.member = part.member;
        }
        Ok(())
    }

    fn seen(self) -> Result<Option<Seen>> {
        let Some((stored, members)) = self.conversation else { return Ok(None) };
        let last_seq = self.last.as_ref().map_or(0, |message| message.seq);
        let conversation = Conversation {
            id: stored.id.0,
            kind: rows::kind(&stored.kind)?,
            title: rows::title(stored.title.as_deref())?,
            members: members.iter().map(StoredRole::member).collect::<Result<_>>()?,
            member_count: stored.member_count,
            last_message: self.last,
            last_seq,
            rev: self.rev,
            created_at: stored.created_at.0,
        };
        let member = self.member.as_ref().map(Membership::of);
        let member = member.map(|member| Membership { read_seq: member.read_seq.max(self.own), ..member });
        Ok(Some(Seen { conversation, member, title_key: stored.title_key }))
    }
}

/// The marker of a conversation stands among its messages, before the first one.
fn is_message(document: &RawDocument) -> bool {
    document.get("sender").is_ok_and(|sender| sender.is_some())
}

pub(super) fn list(ids: &[ConversationId]) -> Vec<Bson> {
    ids.iter().map(|id| id.bson()).collect()
}

/// What each part costs depends on the number of conversations alone, for the indexes are gone through by leaps. Both
/// directions of a sort must be those of the index or the reverse of both.
fn parts(ids: &[ConversationId], members: Members) -> Vec<(&'static str, Vec<Document>)> {
    let ids = list(ids);
    let mut conversations = vec![doc! { "$match": { "_id": { "$in": &ids } } }];
    if members == Members::First {
        conversations.push(lookup_members());
    }
    conversations.push(doc! { "$replaceWith": {
        "_id": "$_id",
        "conversation": { "$unsetField": { "field": "members", "input": "$$ROOT" } },
        "members": { "$ifNull": ["$members", []] },
    } });
    let mut last = newest(&ids, "seq", doc! { "last": { "$first": "$$ROOT" } });
    last.push(doc! { "$unset": ["last.tokens", "last.event", "last.snapshot"] });
    let rev = newest(&ids, "rev", doc! { "rev": { "$first": "$rev" } });
    vec![(CONVERSATIONS, conversations), (MESSAGES, last), (MESSAGES, rev)]
}

/// What is the reader's own of these conversations.
fn seen_by(ids: &[ConversationId], reader: UserId) -> [(&'static str, Vec<Document>); 2] {
    let ids = list(ids);
    let key = |id: &Bson| doc! { "conversation": id, "user": reader.bson() };
    let keys: Vec<Document> = ids.iter().map(key).collect();
    let member = doc! { "$replaceWith": { "_id": "$_id.conversation", "member": "$$ROOT" } };
    [(MEMBERS, vec![doc! { "$match": { "_id": { "$in": keys } } }, member]), (MESSAGES, own(&ids, reader))]
}

/// The newest `seq` that somebody sent to each of these conversations.
fn own(ids: &[Bson], sender: UserId) -> Vec<Document> {
    let first = |field: &str| doc! { "$first": field };
    vec![
        doc! { "$match": { "conversation": { "$in": ids }, "sender": sender.bson() } },
        doc! { "$sort": { "conversation": 1, "sender": 1, "seq": -1 } },
        doc! { "$group": { "_id": "$conversation", "own": first("$seq"), "sender": first("$sender") } },
    ]
}

/// Something of the document of each conversation that has the greatest `field`.
fn newest(ids: &[Bson], field: &str, mut first: Document) -> Vec<Document> {
    first.insert("_id", "$conversation");
    vec![
        doc! { "$match": { "conversation": { "$in": ids } } },
        doc! { "$sort": { "conversation": -1, field: -1 } },
        doc! { "$group": first },
    ]
}

fn lookup_members() -> Document {
    doc! { "$lookup": {
        "from": MEMBERS,
        "localField": "_id",
        "foreignField": "_id.conversation",
        "pipeline": [
            { "$sort": { "joinedAt": 1, "_id.user": 1 } },
            { "$limit": i64::from(SMALL_CONVERSATION) },
            { "$project": { "_id": 0, "user": "$_id.user", "role": 1 } },
        ],
        "as": "members",
    } }
}
