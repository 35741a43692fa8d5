//! The names of all Socket.IO events. `packages/protocol` and docs/PROTOCOL.md are checked against these lists.

macro_rules! events {
    ($(#[$doc:meta])* $list:ident: $($name:ident = $text:literal),* $(,)?) => {
        $(pub const $name: &str = $text;)*
        $(#[$doc])*
        pub const $list: &[&str] = &[$($name),*];
    };
}

events! {
    /// Client → server, with an ack.
    COMMANDS:
    MESSAGE_SEND = "message:send",
    MESSAGE_EDIT = "message:edit",
    MESSAGE_DELETE = "message:delete",
    MESSAGE_REACT = "message:react",
    MESSAGE_LIST = "message:list",
    CONVERSATION_LIST = "conversation:list",
    CONVERSATION_CREATE = "conversation:create",
    CONVERSATION_JOIN = "conversation:join",
    CONVERSATION_LEAVE = "conversation:leave",
    CONVERSATION_MARK_READ = "conversation:read",
    SYNC = "sync",
    PRESENCE_WATCH = "presence:watch",
    TYPING_SET = "typing:set",
}

events! {
    /// Server → client.
    FACTS:
    SESSION_READY = "session:ready",
    MESSAGE_CREATED = "message:created",
    MESSAGE_UPDATED = "message:updated",
    CONVERSATION_CREATED = "conversation:created",
    CONVERSATION_UPDATED = "conversation:updated",
    CONVERSATION_REMOVED = "conversation:removed",
    CONVERSATION_READ = "conversation:read",
    MARKS_CHANGED = "marks:changed",
    USER_UPDATED = "user:updated",
    USER_DELETED = "user:deleted",
    TYPING_CHANGED = "typing:changed",
    PRESENCE_CHANGED = "presence:changed",
    SYNC_NEEDED = "sync:needed",
}

/// The event of the Socket.IO tutorial's chat, in both directions.
pub const TUTORIAL_MESSAGE: &str = "chat message";
