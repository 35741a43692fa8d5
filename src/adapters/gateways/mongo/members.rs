//! Who is in a conversation. Members stand in the order in which they joined, those of one moment in that of their ids.

use mongodb::{
    bson::{Document, RawDocumentBuf, doc},
    options::FindOptions,
};
use serde::Deserialize;

use super::{
    Done,
    changes::{Event, Marker},
    checks::only_ids,
    conversations::NOT_FOUND,
    errors::Failure,
    lanes::Head,
    reads::Reads,
    rows::{self, MemberKey, ReadPosition, StoredConversation, StoredMember},
    schema::{CONVERSATIONS, MEMBERS, MESSAGES, USERS},
    transaction::Transaction,
    users,
    values::{Fields, Id, Key, Time, broken, counter, time},
    views::{self, Seen},
};
use crate::domain::{
    entities::{
        conversation::{Conversation, ConversationKind, GENERAL_TITLE, Member, Role, Title},
        ids::{ConversationId, UserId},
        timestamp::Timestamp,
    },
    error::{DomainError, Result},
    interfaces::conversation_repository::MemberPage,
};

/// Who is a member where, as far as the filter goes.
pub(super) async fn pairs(
    reads: &mut Reads<'_>,
    filter: Document,
) -> Result<Vec<(ConversationId, UserId)>, Failure> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "_id")]
        key: MemberKey,
    }
    let pair = |document: &RawDocumentBuf| {
        let Found { key } = rows::read(document)?;
        Ok((key.conversation.0, key.user.0))
    };
    Ok(reads.find(MEMBERS, filter, Some(only_ids())).await?.iter().map(pair).collect::<Result<_>>()?)
}

/// The `_id` of a member's document.
pub(super) fn key(conversation: ConversationId, user: UserId) -> Document {
    doc! { "conversation": conversation.bson(), "user": user.bson() }
}

/// A member's document, with nothing but what is asked for most.
#[derive(Deserialize)]
struct RoleOnly {
    #[serde(rename = "_id")]
    key: MemberKey,
    role: String,
}

impl RoleOnly {
    fn member(&self) -> Result<Member> {
        Ok(Member { user: self.key.user.0, role: rows::role(&self.role)? })
    }
}

/// # Errors
/// `Invalid` naming `memberIds` when one of them does not exist.
pub(super) async fn ensure_exist(reads: &mut Reads<'_>, users: &[UserId]) -> Result<(), Failure> {
    let mut wanted = users.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let ids: Vec<_> = wanted.iter().map(|user| users::document_id(*user)).collect();
    let options = FindOptions::builder().projection(doc! { "_id": 1 }).build();
    let found = reads.find(USERS, users::with_account(doc! { "$in": ids }), Some(options)).await?;
    if found.len() == wanted.len() {
        return Ok(());
    }
    Err(DomainError::invalid("memberIds", "names somebody who does not exist").into())
}

/// Stores new members, who have read everything.
pub(super) async fn insert_all(
    transaction: &mut Transaction<'_>,
    conversation: ConversationId,
    owner: Option<UserId>,
    users: &[UserId],
    read_seq: u64,
    at: Timestamp,
) -> Result<(), Failure> {
    let member = |user: UserId| StoredMember {
        key: MemberKey { conversation: Key(conversation), user: Key(user) },
        role: if owner == Some(user) { Role::Owner } else { Role::Member }.as_str().to_owned(),
        joined_at: Time(at),
        read: ReadPosition { seq: read_seq, told: false },
        muted: false,
        pinned: false,
        unread: false,
        silenced: false,
    };
    transaction.insert_many(MEMBERS, users.iter().copied().map(member).collect()).await?;
    Ok(())
}

/// Those of `users` that are not in the conversation, each once, in their order.
async fn strangers(
    reads: &mut Reads<'_>,
    conversation: ConversationId,
    users: &[UserId],
) -> Result<Vec<UserId>, Failure> {
    let keys: Vec<_> = users.iter().map(|user| key(conversation, *user)).collect();
    let options = FindOptions::builder().projection(doc! { "role": 1 }).build();
    let mut inside = Vec::new();
    for document in reads.find(MEMBERS, doc! { "_id": { "$in": keys } }, Some(options)).await? {
        inside.push(rows::read::<RoleOnly>(&document)?.key.user.0);
    }
    let mut strangers = Vec::new();
    for &user in users {
        if !inside.contains(&user) && !strangers.contains(&user) {
            strangers.push(user);
        }
    }
    Ok(strangers)
}

/// Adds plain members and tells it.
pub(super) async fn join(
    transaction: &mut Transaction<'_>,
    before: Seen,
    users: &[UserId],
    at: Timestamp,
) -> Result<Done<Conversation>, Failure> {
    let id = before.conversation.id;
    let users = strangers(transaction.reads(), id, users).await?;
    if users.is_empty() {
        return Ok(Done::nothing(before.conversation));
    }
    insert_all(transaction, id, None, &users, before.conversation.last_seq, at).await?;
    count(transaction, id, i64::try_from(users.len()).unwrap_or(i64::MAX)).await?;
    let mut conversation = again(transaction, id).await?;
    let told = conversation.is_small();
    let users = users.into_iter().map(Key).collect();
    mark(transaction, &mut conversation, Event::Joined { users, told }, told).await
}

/// Makes people members of the channel that everybody joins; it is founded with this id when it is not there yet.
pub(super) async fn join_general(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    users: &[UserId],
    at: Timestamp,
) -> Result<Done<()>, Failure> {
    if let Some(general) = transaction.find_one(CONVERSATIONS, doc! { "general": true }).await? {
        let before = views::see_one(transaction.reads(), general.id("_id")?, None).await?;
        return Ok(join(transaction, before.ok_or(NOT_FOUND)?, users, at).await?.answering(()));
    }
    let title = Title::parse(GENERAL_TITLE).map_err(|error| DomainError::Invalid(vec![error]))?;
    let mut general = StoredConversation::new(id, ConversationKind::Channel, Some(&title), at);
    general.general = Some(true);
    found(transaction, general, None, users, at).await.map(|done| done.answering(()))
}

/// Stores a new conversation with its members, and tells it.
pub(super) async fn found(
    transaction: &mut Transaction<'_>,
    mut new: StoredConversation,
    owner: Option<UserId>,
    users: &[UserId],
    at: Timestamp,
) -> Result<Done<Conversation>, Failure> {
    let id = new.id.0;
    new.member_count = u32::try_from(users.len()).unwrap_or(u32::MAX);
    // First, because a title or a direct conversation may be there already.
    transaction.insert_many(CONVERSATIONS, vec![new]).await?;
    insert_all(transaction, id, owner, users, 0, at).await?;
    let conversation = again(transaction, id).await?;
    let members = users.iter().copied().map(Key).collect();
    let marker = Marker::new(&conversation, Event::Created { members }, &[0]);
    let changes = marker.changes()?;
    transaction.insert_many(MESSAGES, vec![marker]).await?;
    Ok(Done { answer: conversation, head: Some(Head { seq: 0, rev: 0 }), changes })
}

/// Takes a member out, finds a new owner and tells it. The last one of a group is not taken out here.
pub(super) async fn leave(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    user: UserId,
    role: Role,
) -> Result<Done<()>, Failure> {
    transaction.delete_many(MEMBERS, doc! { "_id": key(id, user) }).await?;
    count(transaction, id, -1).await?;
    let inherited = role == Role::Owner && appoint_owner(transaction, id).await?;
    let mut conversation = again(transaction, id).await?;
    let told = conversation.is_small();
    let event = Event::Left { user: Key(user), told, inherited };
    // In a large conversation leaving takes no rev, but the new owner's role does.
    Ok(mark(transaction, &mut conversation, event, told || inherited).await?.answering(()))
}

/// Gives a member another role and tells it.
pub(super) async fn set_role(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    user: UserId,
    wanted: Role,
) -> Result<Done<Conversation>, Failure> {
    let before = again(transaction, id).await?;
    before.ensure_not_direct()?;
    let member = transaction.find_one(MEMBERS, doc! { "_id": key(id, user) }).await?;
    let member = member.ok_or(DomainError::NotFound("member"))?;
    if !rows::role(member.text("role")?)?.becomes(wanted)? {
        return Ok(Done::nothing(before));
    }
    if wanted == Role::Owner {
        let owner = doc! { "_id.conversation": id.bson(), "role": Role::Owner.as_str() };
        for before in by_age(transaction.reads(), owner, 1).await? {
            appoint(transaction, id, before.key.user.0, Role::Admin).await?;
        }
    }
    appoint(transaction, id, user, wanted).await?;
    let mut conversation = again(transaction, id).await?;
    mark(transaction, &mut conversation, Event::Updated, true).await
}

async fn appoint(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    user: UserId,
    role: Role,
) -> Result<(), Failure> {
    let update = doc! { "$set": { "role": role.as_str() } };
    transaction.update_one(MEMBERS, doc! { "_id": key(id, user) }, update).await?;
    Ok(())
}

/// The longest-standing admin, else the longest-standing member, becomes owner; whether there was anybody.
async fn appoint_owner(transaction: &mut Transaction<'_>, id: ConversationId) -> Result<bool, Failure> {
    for role in [Some(Role::Admin), None] {
        let mut filter = doc! { "_id.conversation": id.bson() };
        if let Some(role) = role {
            filter.insert("role", role.as_str());
        }
        if let Some(heir) = by_age(transaction.reads(), filter, 1).await?.first() {
            appoint(transaction, id, heir.key.user.0, Role::Owner).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

async fn by_age(reads: &mut Reads<'_>, filter: Document, limit: i64) -> Result<Vec<RoleOnly>, Failure> {
    let options = FindOptions::builder()
        .sort(doc! { "joinedAt": 1, "_id.user": 1 })
        .projection(doc! { "role": 1 })
        .limit(limit)
        .build();
    let found = reads.find(MEMBERS, filter, Some(options)).await?;
    Ok(found.iter().map(|document| rows::read(document)).collect::<Result<_>>()?)
}

async fn count(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    difference: i64,
) -> Result<(), Failure> {
    let update = doc! { "$inc": { "memberCount": difference } };
    transaction.update_one(CONVERSATIONS, doc! { "_id": id.bson() }, update).await?;
    Ok(())
}

/// The conversation as the transaction has made it.
pub(super) async fn again(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
) -> Result<Conversation, Failure> {
    let seen = views::see_one(transaction.reads(), id, None).await?;
    Ok(seen.ok_or(NOT_FOUND)?.conversation)
}

/// Lets the marker tell what happened; it takes the next `rev` when that `takes_rev`.
pub(super) async fn mark(
    transaction: &mut Transaction<'_>,
    conversation: &mut Conversation,
    event: Event,
    takes_rev: bool,
) -> Result<Done<Conversation>, Failure> {
    let filter = doc! { "_id": conversation.id.bson() };
    let mut revs = revs(transaction, conversation.id, conversation.rev).await?;
    if takes_rev {
        conversation.rev += 1;
        revs.push(conversation.rev);
    }
    let marker = Marker::new(conversation, event, &revs);
    if !transaction.replace_one(MESSAGES, filter, &marker).await? {
        return Err(broken("a conversation without its marker").into());
    }
    let head = Some(Head { seq: conversation.last_seq, rev: conversation.rev });
    Ok(Done { changes: marker.changes()?, head, answer: conversation.clone() })
}

/// Those up to `newest` that the marker has had. One more may be reserved.
pub(super) async fn revs(
    transaction: &mut Transaction<'_>,
    id: ConversationId,
    newest: u64,
) -> Result<Vec<u64>, Failure> {
    let marker = transaction.find_one(MESSAGES, doc! { "_id": id.bson() }).await?;
    let marker = marker.ok_or_else(|| broken("a conversation without its marker"))?;
    let revs = marker.get_array("revs").map_err(broken)?.iter().map(|rev| counter("revs", rev));
    let mut revs = revs.collect::<Result<Vec<_>>>()?;
    revs.retain(|rev| *rev <= newest);
    Ok(revs)
}

/// A page of members; `None` when there is no such conversation. Who left meanwhile cannot be continued after: then
/// it begins again.
pub(super) async fn page(
    reads: &mut Reads<'_>,
    id: ConversationId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Option<MemberPage>, Failure> {
    let only = FindOptions::builder().projection(doc! { "_id": 1 }).build();
    if reads.find(CONVERSATIONS, doc! { "_id": id.bson() }, Some(only)).await?.is_empty() {
        return Ok(None);
    }
    let mut filter = doc! { "_id.conversation": id.bson() };
    if let Some(after) = after
        && let Some(last) = reads.find(MEMBERS, doc! { "_id": key(id, after) }, None).await?.first()
    {
        let joined_at = time(rows::read::<StoredMember>(last)?.joined_at.0);
        // A bound for the index, and then the rest of the last moment.
        filter.insert("joinedAt", doc! { "$gte": joined_at.clone() });
        let later = doc! { "joinedAt": { "$gt": joined_at } };
        filter.insert("$or", [later, doc! { "_id.user": { "$gt": after.bson() } }].to_vec());
    }
    let wanted = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let found = by_age(reads, filter, i64::from(limit.max(1)) + 1).await?;
    let members = found.iter().take(wanted).map(RoleOnly::member).collect::<Result<Vec<_>>>()?;
    let next = members.last().filter(|_| found.len() > wanted).map(|member| member.user);
    Ok(Some(MemberPage { members, next }))
}
