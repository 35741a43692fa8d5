//! Identifiers. Opaque strings to clients; UUIDs inside, so that nothing else can stand where an id is expected.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// The text is not an id that this server could have made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an id")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

id!(
    /// A person's account.
    UserId
);
id!(
    /// A conversation of any kind.
    ConversationId
);
id!(
    /// An invitation. Whoever has it may join: it is a secret (UUID version 4, RFC 9562).
    InviteId
);
id!(
    /// A message; ids made by one server sort by time (UUID version 7, RFC 9562).
    MessageId
);
id!(
    /// What somebody finds wrong with a message; those made by one server sort by time (UUID version 7, RFC 9562).
    ReportId
);
id!(
    /// A file that somebody uploaded, and the picture of a person that was made from it.
    AttachmentId
);
id!(
    /// The public name of a session: safe to show, useless as a cookie.
    SessionId
);
id!(
    /// One run of one server process. Whoever starts again is another node, so that nothing of an earlier run can be taken
    /// for a later one's. Those of one machine sort by age.
    NodeId
);

/// The UUID that a client gave to one send; with the sender it makes the send idempotent for ever.
/// Kept as it was written, because the client compares the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(Box<str>);

impl ClientId {
    /// Accepts the 36-character hyphenated form (RFC 9562, section 4), in either case.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        match (text.len(), Uuid::try_parse(text)) {
            (36, Ok(_)) => Ok(Self(text.into())),
            _ => Err(InvalidId),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
