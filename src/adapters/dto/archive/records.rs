//! Records as JSON objects. Their fields stand in the order of the structs; optional ones are present as `null`.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{files::File, object};
use crate::{
    adapters::dto::time::Time,
    domain::{
        entities::{
            archive::{
                ArchivedBlock, ArchivedConversation, ArchivedGone, ArchivedMember, ArchivedUser, Hex, Record,
                parse_hex,
            },
            conversation::{self, Title},
            ids::ClientId,
            message::{self, Body, Emoji},
            registration::Registration,
            session,
            timestamp::Timestamp,
            user::{self, DisplayName, Locale, PasswordHash, Username},
        },
        error::FieldError,
    },
};

pub(super) const NO_TIME: &str = "must be a time such as 2026-11-23T01:02:03.456Z";

type Parsed<T> = Result<T, FieldError>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct User {
    r#type: String,
    id: String,
    username: String,
    display_name: String,
    password_hash: String,
    locale: Option<String>,
    created_at: Time,
    last_seen_at: Option<Time>,
    /// Left out where there is none, as it was before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar_id: Option<String>,
    /// Left out where it is not true, as it was before there were any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    admin: bool,
    /// Left out where they are not, as it was before anybody could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    banned_at: Option<Time>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Gone {
    r#type: String,
    id: String,
    deleted_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Setting {
    r#type: String,
    name: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Block {
    r#type: String,
    blocker_id: String,
    blocked_id: String,
}

/// What the one setting is called.
const REGISTRATION: &str = "registration";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Session {
    r#type: String,
    id: String,
    key: String,
    user_id: String,
    device: String,
    created_at: Time,
    last_seen_at: Time,
    expires_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Conversation {
    r#type: String,
    id: String,
    kind: String,
    title: Option<String>,
    general: bool,
    rev: u64,
    created_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Member {
    r#type: String,
    conversation_id: String,
    user_id: String,
    role: String,
    joined_at: Time,
    read_seq: u64,
    muted: bool,
    /// These are left out where they are false, as it was before there were any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unread: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Message {
    r#type: String,
    id: String,
    conversation_id: String,
    seq: u64,
    rev: u64,
    sender_id: String,
    client_id: String,
    body: String,
    reply_to: Option<String>,
    reactions: Vec<Reaction>,
    created_at: Time,
    edited_at: Option<Time>,
    deleted_at: Option<Time>,
    /// Left out where there are none, as it was before there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<File>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reaction {
    emoji: String,
    user_ids: Vec<String>,
}

pub(super) fn json(object: &impl Serialize) -> String {
    // Fails for maps with keys that are no strings only, and there are no maps here.
    serde_json::to_string(object).unwrap_or_default()
}

pub(super) fn line(record: &Record) -> String {
    let r#type = record.key().kind().as_str().to_owned();
    match record {
        Record::User(ArchivedUser { user, hash, admin, banned_at }) => json(&User {
            r#type,
            id: user.id.to_string(),
            username: user.username.as_str().to_owned(),
            display_name: user.display_name.as_str().to_owned(),
            password_hash: hash.as_str().to_owned(),
            locale: user.locale.as_ref().map(|locale| locale.as_str().to_owned()),
            created_at: user.created_at.into(),
            last_seen_at: user.last_seen_at.map(Time::from),
            avatar_id: user.avatar.map(|id| id.to_string()),
            admin: *admin,
            banned_at: banned_at.map(Time::from),
        }),
        Record::Gone(ArchivedGone { id, deleted_at }) => {
            json(&Gone { r#type, id: id.to_string(), deleted_at: (*deleted_at).into() })
        }
        Record::Registration(mode) => {
            json(&Setting { r#type, name: REGISTRATION.to_owned(), value: mode.as_str().to_owned() })
        }
        Record::Block(ArchivedBlock { blocker, blocked }) => {
            json(&Block { r#type, blocker_id: blocker.to_string(), blocked_id: blocked.to_string() })
        }
        Record::Session(session) => json(&Session {
            r#type,
            id: session.id.to_string(),
            key: Hex(session.key.as_bytes()).to_string(),
            user_id: session.user.to_string(),
            device: session.device.clone(),
            created_at: session.created_at.into(),
            last_seen_at: session.last_seen_at.into(),
            expires_at: session.expires_at.into(),
        }),
        Record::Conversation(conversation) => json(&Conversation {
            r#type,
            id: conversation.id.to_string(),
            kind: conversation.kind.as_str().to_owned(),
            title: conversation.title.as_ref().map(|title| title.as_str().to_owned()),
            general: conversation.general,
            rev: conversation.rev,
            created_at: conversation.created_at.into(),
        }),
        Record::Member(member) => json(&Member {
            r#type,
            conversation_id: member.conversation.to_string(),
            user_id: member.user.to_string(),
            role: member.role.as_str().to_owned(),
            joined_at: member.joined_at.into(),
            read_seq: member.read_seq,
            muted: member.muted,
            pinned: member.pinned,
            unread: member.unread,
        }),
        Record::Message(message) => json(&Message {
            r#type,
            id: message.id.to_string(),
            conversation_id: message.conversation.to_string(),
            seq: message.seq,
            rev: message.rev,
            sender_id: message.sender.to_string(),
            client_id: message.client_id.as_str().to_owned(),
            body: message.body.as_ref().map(|body| body.as_str().to_owned()).unwrap_or_default(),
            reply_to: message.reply_to.map(|id| id.to_string()),
            reactions: message.reactions.iter().map(reaction).collect(),
            created_at: message.created_at.into(),
            edited_at: message.edited_at.map(Time::from),
            deleted_at: message.deleted_at.map(Time::from),
            attachments: message.attachments.iter().map(File::from).collect(),
        }),
    }
}

fn reaction(reaction: &message::Reaction) -> Reaction {
    Reaction {
        emoji: reaction.emoji.as_str().to_owned(),
        user_ids: reaction.users.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn parse(r#type: &str, line: &[u8]) -> Result<Record, Vec<FieldError>> {
    let record = match r#type {
        "user" => user(object(line)?).map(Record::User),
        "gone" => gone(&object(line)?).map(Record::Gone),
        "setting" => setting(&object(line)?).map(Record::Registration),
        "block" => block(&object(line)?).map(Record::Block),
        "session" => session(object(line)?).map(Record::Session),
        "conversation" => conversation(object(line)?).map(Record::Conversation),
        "member" => member(object(line)?).map(Record::Member),
        "message" => message(object(line)?).map(Record::Message),
        _ => Err(FieldError::new(
            "type",
            "must be \"user\", \"session\", \"conversation\", \"member\", \"message\" or \"end\"",
        )),
    };
    record.map_err(|field| vec![field])
}

fn id<T: FromStr>(field: &str, text: &str) -> Parsed<T> {
    text.parse().map_err(|_| FieldError::new(field, "must be a UUID"))
}

fn time(field: &str, time: &Time) -> Parsed<Timestamp> {
    time.timestamp().ok_or_else(|| FieldError::new(field, NO_TIME))
}

fn time_or_null(field: &str, given: Option<&Time>) -> Parsed<Option<Timestamp>> {
    given.map(|given| time(field, given)).transpose()
}

fn user(line: User) -> Parsed<ArchivedUser> {
    if line.password_hash.is_empty() {
        return Err(FieldError::new("passwordHash", "must not be empty"));
    }
    Ok(ArchivedUser {
        user: user::User {
            id: id("id", &line.id)?,
            username: Username::parse(&line.username)?,
            display_name: DisplayName::parse(&line.display_name)?,
            locale: line.locale.as_deref().map(Locale::parse).transpose()?,
            created_at: time("createdAt", &line.created_at)?,
            last_seen_at: time_or_null("lastSeenAt", line.last_seen_at.as_ref())?,
            avatar: line.avatar_id.map(|avatar| id("avatarId", &avatar)).transpose()?,
        },
        hash: PasswordHash::new(line.password_hash),
        admin: line.admin,
        banned_at: time_or_null("bannedAt", line.banned_at.as_ref())?,
    })
}

fn gone(line: &Gone) -> Parsed<ArchivedGone> {
    Ok(ArchivedGone { id: id("id", &line.id)?, deleted_at: time("deletedAt", &line.deleted_at)? })
}

fn block(line: &Block) -> Parsed<ArchivedBlock> {
    Ok(ArchivedBlock {
        blocker: id("blockerId", &line.blocker_id)?,
        blocked: id("blockedId", &line.blocked_id)?,
    })
}

fn setting(line: &Setting) -> Parsed<Registration> {
    if line.name != REGISTRATION {
        return Err(FieldError::new("name", "must be registration"));
    }
    let mode = Registration::from_name(&line.value);
    mode.ok_or_else(|| FieldError::new("value", "must be open, invite or closed"))
}

fn session(line: Session) -> Parsed<session::Session> {
    let key = parse_hex(&line.key).map(session::SessionKey::from_bytes);
    Ok(session::Session {
        key: key.ok_or_else(|| FieldError::new("key", "must be 32 hexadecimal digits"))?,
        id: id("id", &line.id)?,
        user: id("userId", &line.user_id)?,
        device: line.device,
        created_at: time("createdAt", &line.created_at)?,
        last_seen_at: time("lastSeenAt", &line.last_seen_at)?,
        expires_at: time("expiresAt", &line.expires_at)?,
    })
}

fn conversation(line: Conversation) -> Parsed<ArchivedConversation> {
    let kind = conversation::ConversationKind::parse(&line.kind);
    Ok(ArchivedConversation {
        id: id("id", &line.id)?,
        kind: kind.ok_or_else(|| FieldError::new("kind", "must be direct, group or channel"))?,
        title: line.title.as_deref().map(Title::parse).transpose()?,
        general: line.general,
        rev: line.rev,
        created_at: time("createdAt", &line.created_at)?,
    })
}

fn member(line: Member) -> Parsed<ArchivedMember> {
    let role = conversation::Role::parse(&line.role);
    Ok(ArchivedMember {
        conversation: id("conversationId", &line.conversation_id)?,
        user: id("userId", &line.user_id)?,
        role: role.ok_or_else(|| FieldError::new("role", "must be owner, admin or member"))?,
        joined_at: time("joinedAt", &line.joined_at)?,
        read_seq: line.read_seq,
        muted: line.muted,
        pinned: line.pinned,
        unread: line.unread,
    })
}

fn message(line: Message) -> Parsed<message::Message> {
    // An empty one is no text: of a message that was deleted, or beside files.
    let is_gone = line.body.is_empty() && line.attachments.is_empty();
    let body = (!is_gone).then(|| Body::caption(&line.body)).transpose()?;
    let client_id = ClientId::parse(&line.client_id);
    let reactions = line.reactions.iter().enumerate();
    let files = line.attachments.into_iter().enumerate();
    Ok(message::Message {
        id: id("id", &line.id)?,
        conversation: id("conversationId", &line.conversation_id)?,
        seq: line.seq,
        rev: line.rev,
        sender: id("senderId", &line.sender_id)?,
        client_id: client_id.map_err(|_| FieldError::new("clientId", "must be a UUID"))?,
        body,
        reply_to: line.reply_to.map(|reply_to| id("replyTo", &reply_to)).transpose()?,
        reactions: reactions.map(|(place, line)| reacted(place, line)).collect::<Parsed<_>>()?,
        created_at: time("createdAt", &line.created_at)?,
        edited_at: time_or_null("editedAt", line.edited_at.as_ref())?,
        deleted_at: time_or_null("deletedAt", line.deleted_at.as_ref())?,
        attachments: files.map(|(place, file)| file.attachment(place)).collect::<Parsed<_>>()?,
    })
}

fn reacted(place: usize, line: &Reaction) -> Parsed<message::Reaction> {
    let field = |name: &str| format!("reactions[{place}].{name}");
    let users = line.user_ids.iter().map(|user| id(&field("userIds"), user)).collect::<Parsed<Vec<_>>>()?;
    Ok(message::Reaction {
        emoji: Emoji::parse(&line.emoji).map_err(|error| FieldError::new(field("emoji"), error.reason))?,
        count: u32::try_from(users.len()).unwrap_or(u32::MAX),
        users,
    })
}
