//! One tokenizer for every language and every database, so that each backend gives the same hits.

use std::collections::BTreeSet;

/// The distinct tokens that a text is found by.
pub fn tokens(_text: &str) -> BTreeSet<String> {
    BTreeSet::new()
}

/// A parsed search: words that must occur whole, and beginnings of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// Tokens that must occur.
    pub words: Vec<String>,
    /// A token must start with this.
    pub prefix: Option<String>,
}

impl SearchQuery {
    pub fn parse(_text: &str) -> Result<Self, crate::domain::error::FieldError> {
        Ok(Self { words: Vec::new(), prefix: None })
    }
}

/// At most `max` characters of `text` around the first place where a word of `query` occurs.
pub fn snippet(text: &str, _query: &str, max: usize) -> String {
    text.chars().take(max).collect()
}
