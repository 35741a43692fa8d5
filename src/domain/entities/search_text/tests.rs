use proptest::prelude::*;

use super::*;

fn found(query: &str, text: &str) -> bool {
    SearchQuery::parse(query).unwrap().matches(&tokens(text))
}

fn list(text: &str) -> Vec<String> {
    tokens(text).into_iter().collect()
}

#[test]
fn words_are_found_without_case_and_accents() {
    for (query, text) in [
        ("coracao", "Meu CORAÇÃO não mente"),
        ("AÇÃO", "a acao comecou"),
        ("reuniao amanha", "Amanhã tem reunião às 9h"),
        ("strasse", "Die Straße ist lang"),
        ("STRAßE", "strasse"),
        ("uber", "Über den Wolken"),
        ("resume", "my Résumé is attached"),
        ("eau", "verre d'eau"),
        ("água", "copo d’água"),
        ("can't", "we can’t do that"),
        ("lodz", "Łódź"),
        ("smorrebrod", "Smørrebrød"),
        ("елка", "Зелёная ёлка"),
        ("ПРИВЕТ", "привет, мир"),
        ("οδος", "ΟΔΌΣ"),
        ("istanbul", "İstanbul"),
        ("ﬁn", "fine"),
        ("ＡＢＣ", "abc"),
        ("محمد", "مُحَمَّد"),
        ("سلام", "ســلام عليكم"),
        ("احمد", "أحمد"),
        ("שלום", "שָׁלוֹם"),
        ("한국", "한국어 공부"),
        ("हिन्दी", "मैं हिन्दी बोलता हूँ"),
        ("3.14", "pi is 3.14159"),
        ("2024", "em 2024"),
        ("foo_bar", "call foo_bar()"),
        ("example.com", "see https://example.com/x"),
    ] {
        assert!(found(query, text), "{query} in {text}: {:?}", tokens(text));
    }
}

#[test]
fn other_words_are_not_found() {
    for (query, text) in [
        ("dog", "the cat"),
        ("cat dog", "the cat"),
        ("ca dog", "the cat and the dog"),
        ("мой", "мои"),
        ("हिन्द", "हन्द"),
        ("北东", "东北"),
        ("かき", "がき"),
        ("กา", "กี"),
    ] {
        assert!(!found(query, text), "{query} in {text}: {:?}", tokens(text));
    }
}

#[test]
fn only_the_last_word_is_a_prefix() {
    assert!(found("the ca", "the cat"));
    assert!(found("the ca ", "the cat"));
    assert!(found("the ca?!", "the cat"));
    assert!(!found("th cat", "the cat"));
}

#[test]
fn scripts_without_spaces_are_found_anywhere() {
    for (query, text) in [
        ("北京", "我在北京大学学习"),
        ("京", "我在北京大学"),
        ("学", "我在北京大学"),
        ("大学学", "我在北京大学学习"),
        ("東京", "明日東京タワーに行く"),
        ("タワー", "東京タワー"),
        ("ﾀﾜｰ", "東京タワー"),
        ("食べ", "ご飯を食べる"),
        ("る", "ご飯を食べる"),
        ("猫 dog", "黒猫と dogs"),
        ("สวัสดี", "สวัสดีครับ"),
        ("ครับ", "สวัสดีครับ"),
        ("ที่นี่", "อยู่ที่นี่"),
        ("ພາສາ", "ພາສາລາວ"),
        ("ភាសា", "ភាសាខ្មែរ"),
        ("စာ", "မြန်မာစာ"),
        ("iPhone手机", "新的 iPhone手机壳"),
    ] {
        assert!(found(query, text), "{query} in {text}: {:?}", tokens(text));
    }
    assert_eq!(list("東京都"), ["京都", "東京", "都"]);
    assert_eq!(list("猫"), ["猫"]);
}

#[test]
fn emojis_are_found() {
    assert!(found("🎉", "done 🎉🎉"));
    assert!(found("👍", "👍🏽"));
    assert!(found("❤", "I ❤️ it"));
    assert!(found("🇧🇷", "viva 🇧🇷!"));
    assert!(!found("🎉", "done 🎊"));
    assert!(found("1️⃣", "1 step"));
}

#[test]
fn a_query_needs_something_to_find_and_an_end() {
    for text in ["", "   ", "?!", "...", "\u{301}", "\0"] {
        assert_eq!(SearchQuery::parse(text).unwrap_err().field, "q", "{text:?}");
    }
    assert!(SearchQuery::parse(&"é".repeat(200)).is_ok());
    assert_eq!(SearchQuery::parse(&"é".repeat(201)).unwrap_err().field, "q");
    assert!(SearchQuery::parse(&"𠀀".repeat(200)).is_ok());
}

#[test]
fn long_tokens_are_cut_alike_on_both_sides() {
    let long = "ж".repeat(100);
    assert_eq!(list(&long), ["ж".repeat(32)]);
    assert!(found(&long, &long));
    assert!(found(&"ж".repeat(31), &long));
}

#[test]
fn names_are_found_by_the_beginning_of_each_word() {
    let keys = name_keys("  Dr. José  MARIA-Silva ");
    let starts = |prefix: &str| keys.iter().any(|key| key.starts_with(&fold(prefix)));
    for prefix in ["dr", "Dr. jos", "jose", "maria", "José maria", "silva", "maria-s"] {
        assert!(starts(prefix), "{prefix}: {keys:?}");
    }
    assert!(!starts("ose"));
}

fn any_text() -> impl Strategy<Value = String> {
    let script = prop_oneof![
        any::<char>(),
        proptest::char::range('a', 'z'),
        proptest::char::range('À', 'ɏ'),
        proptest::char::range('\u{300}', '\u{36f}'),
        proptest::char::range('А', 'я'),
        proptest::char::range('\u{591}', '\u{6ff}'),
        proptest::char::range('ก', '\u{e4d}'),
        proptest::char::range('あ', 'ヺ'),
        proptest::char::range('一', '龥'),
        proptest::char::range('가', '힣'),
        proptest::char::range('😀', '🙏'),
        Just(' '),
    ];
    proptest::collection::vec(script, 0..40).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn folding_twice_changes_nothing(text in any_text()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    /// What is done faster for Latin texts gives the same.
    #[test]
    fn latin_is_no_exception(chars in proptest::collection::vec(proptest::char::range('\0', '\u{24f}'), 0..40)) {
        let text: String = chars.into_iter().collect();
        prop_assert_eq!(fold_chars(&text), fold_any(&text));
        let ascii: String = text.chars().filter(char::is_ascii).collect();
        let ascii = fold_any(&ascii);
        prop_assert_eq!(pieces(&ascii), any_pieces(&ascii));
    }

    #[test]
    fn tokens_are_short_and_hold_no_ascii_that_databases_split_at(text in any_text()) {
        for token in tokens(&text) {
            prop_assert!(!token.is_empty() && token.len() <= MAX_TOKEN_BYTES);
            let splits = |c: char| c.is_ascii() && !c.is_ascii_lowercase() && !c.is_ascii_digit();
            let private = |c: char| ('\u{e000}'..='\u{f8ff}').contains(&c);
            let clean = !token.chars().any(|c| splits(c) || private(c));
            prop_assert!(clean, "{:?}", token);
        }
    }

    #[test]
    fn a_text_finds_itself(text in any_text(), around in any_text()) {
        if let Ok(query) = SearchQuery::parse(&text) {
            prop_assert!(query.matches(&tokens(&text)));
            let inside = tokens(&[around.as_str(), &text, &around].join(" "));
            prop_assert!(query.matches(&inside));
            // The one mark whose upper case is a letter of its own (iota).
            let iota = text.nfkd().any(|c| c == '\u{345}');
            let upper = text.to_uppercase();
            prop_assert!(iota || query.matches(&tokens(&upper)), "{}", upper);
        }
    }

    #[test]
    fn each_part_of_a_run_is_found(run in "[一-龥ぁ-んァ-ヴ]{1,20}", from in 0usize..20, len in 1usize..20) {
        let part: String = run.chars().skip(from).take(len).collect();
        if !part.is_empty() {
            prop_assert!(found(&part, &run));
        }
    }

    #[test]
    fn the_beginning_of_a_last_word_is_found(words in "[a-zà-öа-я]{1,90} [a-zà-öа-я]{1,90}", keep in 1usize..90) {
        let (first, last) = words.split_once(' ').unwrap();
        let start: String = last.chars().take(keep).collect();
        let query = format!("{} {start}", first.chars().take(100).collect::<String>());
        if query.chars().count() <= MAX_QUERY_CHARS {
            prop_assert!(found(&query, &words));
        }
    }
}
