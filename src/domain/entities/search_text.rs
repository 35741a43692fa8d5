//! One tokenizer for every language and every database, so that each backend gives the same hits.
//!
//! A text is first folded: compatibility forms are unified (NFKD, UAX #15), accents taken away, case folded, and
//! what is left composed again (NFC). Then it is cut:
//!
//! * **Words** are runs of letters, digits and their marks: the words of UAX #29, cut further at apostrophes, points
//!   and underscores, so that `eau` finds `l'eau` and no token holds a character that a database splits at.
//! * **Scripts without spaces** (Han, Kana, Bopomofo, Thai, Lao, Khmer, Myanmar) give each pair of neighbours, and the
//!   last character of a run alone: every part of a run is found, also a single character.
//! * **Emojis** are found without regard to skin tone and presentation.
//!
//! A token is cut to [`MAX_TOKEN_BYTES`], in texts and in queries alike.

use std::{collections::BTreeSet, ops::Bound, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::error::FieldError;

/// Longer tokens lose their end, at a character boundary, so that nobody can blow up an index.
pub const MAX_TOKEN_BYTES: usize = 64;

/// How long a query may be, in characters.
pub const MAX_QUERY_CHARS: usize = 200;

/// The distinct tokens that a text is found by.
pub fn tokens(text: &str) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for piece in pieces(&fold_chars(text)) {
        match piece {
            Piece::Whole(token) => {
                tokens.insert(token);
            }
            Piece::Run(run) => {
                tokens.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
                tokens.extend(run.last().map(char::to_string));
            }
        }
    }
    tokens
}

/// A parsed search: words that must occur whole, and beginnings of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    words: Vec<String>,
    prefixes: Vec<String>,
}

impl SearchQuery {
    /// All words must occur. The last one may be the beginning of a word, whatever follows it, so that a search
    /// finds while somebody types. A single character of a script without spaces is found anywhere.
    ///
    /// # Errors
    /// Names `q` when the text is longer than [`MAX_QUERY_CHARS`] or holds nothing that can be found.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        // A character takes at most four bytes, so counting a huge text is never needed.
        if text.len() > 4 * MAX_QUERY_CHARS || text.chars().count() > MAX_QUERY_CHARS {
            return Err(FieldError::new("q", "must be at most 200 characters"));
        }
        let mut query = Self { words: Vec::new(), prefixes: Vec::new() };
        let pieces = pieces(&fold_chars(text));
        let last = pieces.len().wrapping_sub(1);
        for (place, piece) in pieces.into_iter().enumerate() {
            match piece {
                Piece::Whole(token) if place == last => query.prefixes.push(token),
                Piece::Whole(token) => query.words.push(token),
                Piece::Run(run) if run.len() == 1 => query.prefixes.extend(run.iter().map(char::to_string)),
                Piece::Run(run) => query.words.extend(run.windows(2).map(|pair| pair.iter().collect())),
            }
        }
        for list in [&mut query.words, &mut query.prefixes] {
            list.sort();
            list.dedup();
        }
        if query.words.is_empty() && query.prefixes.is_empty() {
            return Err(FieldError::new("q", "must hold a word, a number or an emoji"));
        }
        Ok(query)
    }

    /// Without words: everything matches.
    pub const fn anything() -> Self {
        Self { words: Vec::new(), prefixes: Vec::new() }
    }

    pub const fn is_anything(&self) -> bool {
        self.words.is_empty() && self.prefixes.is_empty()
    }

    /// Tokens that must occur; sorted, each once.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// For each of these a token must start with it; sorted, each once.
    pub fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// Whether a text with these [`tokens`] is found.
    pub fn matches(&self, tokens: &BTreeSet<String>) -> bool {
        self.words.iter().all(|word| tokens.contains(word))
            && self.prefixes.iter().all(|prefix| starts_any(tokens, prefix))
    }
}

/// Whether any of these [`tokens`] starts with `prefix`.
pub fn starts_any(tokens: &BTreeSet<String>, prefix: &str) -> bool {
    let from = (Bound::Included(prefix), Bound::Unbounded);
    tokens.range::<str, _>(from).next().is_some_and(|token| token.starts_with(prefix))
}

/// The form in which names are compared: without regard to case, accents and the amount of blank space.
pub fn fold(text: &str) -> String {
    let folded = fold_chars(text);
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a name is found by: its folded form from the beginning of each of its words on, so that the beginning of any
/// word, and of several in a row, is a beginning of one of these.
pub fn name_keys(name: &str) -> BTreeSet<String> {
    let folded = fold(name);
    let mut keys = BTreeSet::from([folded.clone()]);
    let mut inside = false;
    for (start, c) in folded.char_indices() {
        if c.is_alphanumeric() && (!inside || is_spaceless(c)) {
            keys.insert(folded[start..].to_owned());
        }
        inside = c.is_alphanumeric() || is_combining_mark(c);
    }
    keys
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Whole(String),
    /// Neighbouring characters of scripts without spaces; never empty.
    Run(Vec<char>),
}

/// The pieces of a folded text, in their order.
fn pieces(folded: &str) -> Vec<Piece> {
    if folded.is_ascii() {
        // Neither emojis nor scripts without spaces.
        let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        return words.map(|word| Piece::Whole(cut(word).to_owned())).collect();
    }
    any_pieces(folded)
}

fn any_pieces(folded: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut word = String::new();
    let mut run = Vec::new();
    for grapheme in folded.graphemes(true) {
        if let Some(emoji) = emoji(grapheme) {
            end_word(&mut word, &mut pieces);
            end_run(&mut run, &mut pieces);
            pieces.push(Piece::Whole(emoji));
            continue;
        }
        for c in grapheme.chars() {
            if is_spaceless(c) {
                end_word(&mut word, &mut pieces);
                run.push(c);
            } else if c.is_alphanumeric() || (is_combining_mark(c) && !word.is_empty()) {
                end_run(&mut run, &mut pieces);
                word.push(c);
            } else {
                end_word(&mut word, &mut pieces);
                end_run(&mut run, &mut pieces);
            }
        }
    }
    end_word(&mut word, &mut pieces);
    end_run(&mut run, &mut pieces);
    pieces
}

fn end_word(word: &mut String, pieces: &mut Vec<Piece>) {
    if !word.is_empty() {
        pieces.push(Piece::Whole(cut(word).to_owned()));
        word.clear();
    }
}

fn end_run(run: &mut Vec<char>, pieces: &mut Vec<Piece>) {
    if !run.is_empty() {
        pieces.push(Piece::Run(std::mem::take(run)));
    }
}

fn cut(token: &str) -> &str {
    &token[..token.floor_char_boundary(MAX_TOKEN_BYTES)]
}

/// The token of a grapheme that is an emoji. Keycaps such as 1️⃣ are found as their digit.
fn emoji(grapheme: &str) -> Option<String> {
    let pictograph = |c: char| matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2300}'..='\u{23ff}' | '\u{2b00}'..='\u{2bff}');
    let tone = |c: &char| matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    if !grapheme.starts_with(pictograph) {
        return None;
    }
    let bare: String = grapheme.chars().filter(|c| pictograph(*c) && !tone(c)).collect();
    // A skin tone that stands alone is what it shows.
    let token = if bare.is_empty() { grapheme } else { &bare };
    Some(cut(token).to_owned())
}

/// Folds without looking at blank space. Folding twice changes nothing.
fn fold_chars(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let latin = text.chars().map(|c| LATIN.get(c as usize).map(String::as_str));
    latin.collect::<Option<String>>().unwrap_or_else(|| fold_any(text))
}

/// What each Latin letter (Basic Latin up to Latin Extended-B) becomes. Among themselves they have no influence on each
/// other.
static LATIN: LazyLock<Vec<String>> =
    LazyLock::new(|| ('\0'..'\u{250}').map(|c| fold_any(c.encode_utf8(&mut [0; 4]))).collect());

fn fold_any(text: &str) -> String {
    let mut base = ' ';
    let kept = text.nfkd().filter(move |&c| {
        if is_combining_mark(c) {
            return !is_accent(base, c);
        }
        if is_invisible(c) {
            return false;
        }
        base = c;
        true
    });
    let mut folded = String::with_capacity(text.len());
    for c in kept {
        fold_case(c, &mut folded);
    }
    folded.nfc().collect()
}

/// Case folding by way of the upper case, which unites what has several lower-case forms (ß and ss, ς and σ); and
/// letters with a stroke and ligatures, which no decomposition takes apart.
fn fold_case(c: char, folded: &mut String) {
    match c {
        'a'..='z' | '0'..='9' | ' ' => folded.push(c),
        'ł' | 'Ł' => folded.push('l'),
        'ø' | 'Ø' => folded.push('o'),
        'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
        'ħ' | 'Ħ' => folded.push('h'),
        'ŧ' | 'Ŧ' => folded.push('t'),
        'þ' | 'Þ' => folded.push_str("th"),
        'æ' | 'Æ' => folded.push_str("ae"),
        'œ' | 'Œ' => folded.push_str("oe"),
        _ => folded.extend(c.to_uppercase().flat_map(char::to_lowercase)),
    }
}

/// Whether a mark on `base` is an accent that people leave out. Marks that make another letter stay: the vowels of Thai
/// or Devanagari, the voicing of Kana, the breve of й.
fn is_accent(base: char, mark: char) -> bool {
    match mark {
        '\u{300}'..='\u{36f}' => match base {
            // Stress marks, and the two dots of ё.
            '\u{400}'..='\u{52f}' => {
                matches!(mark, '\u{300}' | '\u{301}') || (mark == '\u{308}' && matches!(base, 'е' | 'Е'))
            }
            _ => true,
        },
        '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' => true,
        // Hebrew points, Arabic and Syriac vowels, Koranic signs.
        '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' => true,
        '\u{6d6}'..='\u{6ed}' | '\u{711}' | '\u{730}'..='\u{74a}' | '\u{8ca}'..='\u{8ff}' => true,
        // Variation selectors.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => true,
        _ => false,
    }
}

/// Characters that are not seen and do not part words. The zero-width space does part them (Thai, Khmer), and the
/// joiner holds an emoji together.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{640}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{34f}')
}

/// Letters and marks of scripts that are written without spaces. Their digits and punctuation are not among them.
fn is_spaceless(c: char) -> bool {
    let script = matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{323af}'
        | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}'
        | '\u{1780}'..='\u{17ff}');
    script && (c.is_alphabetic() || is_combining_mark(c))
}

#[cfg(test)]
mod tests;
