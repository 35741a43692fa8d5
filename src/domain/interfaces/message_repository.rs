//! Where messages are kept.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::domain::{
    entities::{
        attachment::{Attachment, AttachmentKind},
        conversation::ConversationView,
        ids::{ClientId, ConversationId, MessageId, UserId},
        message::{Body, Emoji, Message},
        search_text::SearchQuery,
        timestamp::Timestamp,
    },
    error::Result,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Used when the message is new.
    pub id: MessageId,
    pub conversation: ConversationId,
    pub sender: UserId,
    pub client_id: ClientId,
    pub body: Body,
    /// Claimed for this send before.
    pub attachments: Vec<Attachment>,
    pub reply_to: Option<MessageId>,
    pub created_at: Timestamp,
}

/// Which part of a conversation is wanted, by `seq`; both bounds exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest messages.
    Newest,
    /// The newest ones older than this.
    Before(u64),
    /// The oldest ones newer than this.
    After(u64),
    /// Those between; the oldest ones when there are more than the limit.
    Between { after: u64, before: u64 },
}

/// Messages ascending by `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    /// Whether there are more in the direction of the window.
    pub has_more: bool,
}

/// Messages that match, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPage {
    pub messages: Vec<Message>,
    /// Give this back as `before` for the next page; `None` on the last one.
    pub next: Option<String>,
}

/// What a message has besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// A file of any kind.
    File,
    /// A file of this kind.
    Kind(AttachmentKind),
    /// A link: `http://` or `https://` in the text.
    Link,
}

impl Has {
    /// Words of which every text with a link has one.
    pub const LINK_TOKENS: [&str; 2] = ["http", "https"];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "file" => Some(Self::File),
            "image" => Some(Self::Kind(AttachmentKind::Image)),
            "video" => Some(Self::Kind(AttachmentKind::Video)),
            "audio" => Some(Self::Kind(AttachmentKind::Audio)),
            "link" => Some(Self::Link),
            _ => None,
        }
    }

    /// Whether it is in a message, which has not been deleted.
    pub fn is_in(self, message: &Message) -> bool {
        match self {
            Self::File => !message.attachments.is_empty(),
            Self::Kind(kind) => message.attachments.iter().any(|file| file.kind == kind),
            Self::Link => {
                let text = message.body.as_ref().map_or("", Body::as_str).to_ascii_lowercase();
                // Not inside of a word, which no index of words would find.
                let begins = |place: usize| !text[..place].ends_with(char::is_alphanumeric);
                let links = text.match_indices("http://").chain(text.match_indices("https://"));
                links.into_iter().any(|(place, _)| begins(place))
            }
        }
    }
}

/// What hits of a search are besides having its words; `None` is anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SearchFilter {
    pub conversation: Option<ConversationId>,
    pub sender: Option<UserId>,
    /// Written at this time or later.
    pub since: Option<Timestamp>,
    /// Written before this time.
    pub until: Option<Timestamp>,
    pub has: Option<Has>,
}

impl SearchFilter {
    /// Whether a message of one of the wanted conversations is wanted, as far as its sender and time tell.
    pub fn admits(&self, sender: UserId, created_at: Timestamp) -> bool {
        self.sender.is_none_or(|wanted| wanted == sender)
            && self.since.is_none_or(|since| created_at >= since)
            && self.until.is_none_or(|until| created_at < until)
    }
}

/// How much one `sync` answers at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncLimits {
    /// Messages in one answer; at least 1.
    pub messages: usize,
    /// Messages that come with a new or reset conversation.
    pub recent: usize,
    /// A cursor further behind than this many revs is reset.
    pub reset_after: u64,
}

/// What a client missed. See the contract's `sync`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncPage {
    pub conversations: Vec<ConversationView>,
    pub messages: Vec<Message>,
    pub reads: HashMap<ConversationId, u64>,
    pub removed: Vec<ConversationId>,
    pub reset: Vec<ConversationId>,
    pub complete: bool,
}

/// Every method that changes a message takes the conversation's next `rev`, dense, stamps the message with it and
/// puts its `Change` into the feed, in one transaction. It answers only when the change is durable.
#[async_trait]
pub trait MessageRepository: Send + Sync {
    /// Appends a message with the next `seq`, dense, and moves the sender's read position to it. A repeat of the
    /// same `(sender, client_id)`, whatever its body or conversation, answers the original with `false` and
    /// changes nothing, for ever.
    ///
    /// Calls are queued in the order of the first poll of their futures, and get their `seq` in that order.
    ///
    /// # Errors
    /// `NotFound` (conversation); `NotMember`, checked in the same transaction; `Invalid` naming `replyTo` when it
    /// is not a message of this conversation; `Unavailable` when too many writes wait.
    async fn append(&self, new: &NewMessage) -> Result<(Message, bool)>;

    async fn find(&self, id: MessageId) -> Result<Option<Message>>;

    /// Those of `ids` that exist, in any order.
    async fn find_many(&self, ids: &[MessageId]) -> Result<Vec<Message>>;

    /// What the person sent under this id, if anything; what a repeat of it is answered with.
    async fn find_sent(&self, sender: UserId, client_id: &ClientId) -> Result<Option<Message>>;

    /// Replaces the body; the same body again changes nothing and takes no `rev`.
    ///
    /// # Errors
    /// `NotFound`; `MessageDeleted`.
    async fn edit(&self, id: MessageId, body: &Body, at: Timestamp) -> Result<Message>;

    /// Empties the message, its files and its reactions; it keeps its place. A second time changes nothing.
    ///
    /// # Errors
    /// `NotFound`.
    async fn delete(&self, id: MessageId, at: Timestamp) -> Result<Message>;

    /// Sets or takes back one person's reaction; when it is so already, nothing changes.
    ///
    /// # Errors
    /// `NotFound`; `MessageDeleted`; `Invalid` naming `emoji` when the message carries too many different ones.
    async fn react(&self, id: MessageId, user: UserId, emoji: &Emoji, on: bool) -> Result<Message>;

    /// `limit` is 1–200. An unknown conversation is empty.
    async fn list(&self, conversation: ConversationId, window: Window, limit: u32) -> Result<MessagePage>;

    /// One consistent answer. A conversation of which not every missed message fits is left for the next call
    /// (its object comes with its last part, so that a client may take its `rev` as cursor). At least one step is
    /// made in each call. A cursor ahead of the server's `rev` is reset.
    async fn sync(
        &self,
        user: UserId,
        cursors: &HashMap<ConversationId, u64>,
        limits: SyncLimits,
    ) -> Result<SyncPage>;

    /// Messages of the person's conversations (or of one of them) in which all of the query's words occur, the last
    /// one as a prefix, the newest (by id) first. Deleted ones never match. Another's conversation is empty. Without words a
    /// page may end early, and even be empty, where hits are rare; it has a `next` then.
    async fn search(
        &self,
        user: UserId,
        query: &SearchQuery,
        filter: &SearchFilter,
        before: Option<&str>,
        limit: u32,
    ) -> Result<SearchPage>;
}
