//! The part of a text that shows why it was found.

use unicode_segmentation::UnicodeSegmentation;

use super::search_text::{SearchQuery, tokens};

/// At most `max` characters of `text` around the first word that the query asks for, with `…` where something is
/// cut off. The beginning when no word is found.
pub fn snippet(text: &str, query: &SearchQuery, max: usize) -> String {
    let wanted = |part: &str| {
        tokens(part).iter().any(|token| {
            query.words().contains(token) || query.prefixes().iter().any(|prefix| token.starts_with(prefix))
        })
    };
    let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
    // Scripts without spaces are found by two characters in a row, which are two words here.
    let found = words.iter().enumerate().find(|(place, (start, word))| {
        let end = start + word.len();
        let joined = words.get(place + 1).filter(|(next, _)| *next == end);
        wanted(word) || joined.is_some_and(|(next, word)| wanted(&text[*start..next + word.len()]))
    });
    let found = found.map_or(0, |(_, (start, _))| *start);
    let before = text[..found].chars().count();
    let total = before + text[found..].chars().count();
    // A third of the room goes to what stands before the word.
    let start = before.saturating_sub(max / 3).min(total.saturating_sub(max));
    let mut snippet: String = text.chars().skip(start).take(max).collect();
    if start > 0 {
        snippet.insert(0, '…');
    }
    if start + max < total {
        snippet.push('…');
    }
    snippet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, query: &str, max: usize) -> String {
        snippet(text, &SearchQuery::parse(query).unwrap(), max)
    }

    #[test]
    fn the_word_is_in_it() {
        let text = format!("{} coração {}", "a ".repeat(200), "z ".repeat(200));
        let found = of(&text, "coracao", 40);
        assert!(found.contains("coração") && found.starts_with('…') && found.ends_with('…'), "{found}");
        assert_eq!(found.chars().count(), 42);
    }

    #[test]
    fn short_texts_come_whole() {
        assert_eq!(of("Olá, mundo", "mun", 40), "Olá, mundo");
        assert_eq!(of("東京都に行く", "京都", 40), "東京都に行く");
        assert!(of(&format!("{}東京都", "あ".repeat(100)), "京都", 20).contains("京都"));
        assert_eq!(of("nothing here", "absent", 40), "nothing here");
    }
}
