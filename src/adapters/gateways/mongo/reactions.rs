//! Reactions as they are stored: everybody's, in the order in which they came.

use std::borrow::Cow;

use super::{
    rows::{StoredMessage, StoredReaction},
    values::Key,
};
use crate::domain::{
    entities::{
        ids::UserId,
        message::{Emoji, Message},
    },
    error::{DomainError, Result},
};

/// Sets or takes back one person's reaction; whether that changes anything. An emoji keeps its place as long as
/// anybody uses it.
///
/// # Errors
/// `Invalid` naming `emoji` when the message carries too many different ones.
pub(super) fn react(message: &mut StoredMessage<'_>, user: UserId, emoji: &Emoji, on: bool) -> Result<bool> {
    let reactions = &mut message.reactions;
    let place = reactions.iter().position(|reaction| reaction.emoji == emoji.as_str());
    let Some(place) = place else {
        if on && reactions.len() >= Message::MAX_REACTIONS {
            return Err(DomainError::invalid(
                "emoji",
                "is one too many: this message carries 50 different ones",
            ));
        }
        if on {
            let emoji = Cow::Owned(emoji.as_str().to_owned());
            reactions.push(StoredReaction { emoji, users: vec![Key(user)], count: None });
        }
        return Ok(on);
    };
    let users = &mut reactions[place].users;
    match (users.iter().position(|other| other.0 == user), on) {
        (Some(_), true) | (None, false) => return Ok(false),
        (None, true) => users.push(Key(user)),
        (Some(place), false) => drop(users.remove(place)),
    }
    if users.is_empty() {
        reactions.remove(place);
    }
    Ok(true)
}
