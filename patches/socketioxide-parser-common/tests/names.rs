//! Events' names, as they are read.

use serde_json::{Value as Json, json};
use socketioxide_core::{Value, parser::Parse};
use socketioxide_parser_common::CommonParser;

fn event(text: &str) -> Option<String> {
    let value = Value::Str(text.to_owned().into(), None);
    CommonParser.read_event(&value).ok().map(str::to_owned)
}

#[test]
fn a_name_is_what_stands_between_its_quotes() {
    for (text, name) in [
        (r#"["plain",{"a":1}]"#, "plain"),
        (r#"["é"]"#, "é"),
        (r#"[""]"#, ""),
        (r#" [ "\u00e9" , 1] "#, r"\u00e9"),
        (r#"["a\"b",[]]"#, r#"a\"b"#),
        (r#"["\"",[]]"#, r#"\""#),
        (r#"["a\\"]"#, r"a\\"),
        (r#"["\ud800"]"#, r"\ud800"),
        (r#"["\u0000\n",["b"]]"#, r"\u0000\n"),
    ] {
        assert_eq!(event(text).as_deref(), Some(name), "{text}");
    }
}

#[test]
fn what_is_no_packet_of_an_event_is_refused() {
    for text in [
        "",
        "[",
        "[]",
        "[1]",
        "[null]",
        r#""a""#,
        r#"[["a\n"]]"#,
        r#"{"a":"\n"}"#,
        r#"["a\n""#,
        r#"["a\x"]"#,
        r#"["\u00g0"]"#,
        r#"["a",]"#,
        r#"["a",nul]"#,
        r#"["a"]]"#,
        "[\"a\u{1}\"]",
    ] {
        assert_eq!(event(text), None, "{text}");
    }
    let bytes = Value::Bytes(vec![0x91, 0xa1, b'a'].into());
    assert!(CommonParser.read_event(&bytes).is_err());
}

#[test]
fn deep_nesting_behind_a_name_is_read_over() {
    let depth = 1_000_000;
    let text = format!(r#"["deep",{}{}]"#, "[".repeat(depth), "]".repeat(depth));
    assert_eq!(event(&text).as_deref(), Some("deep"));
}

#[test]
fn arguments_follow_whatever_the_name_is() {
    for name in [r"plain", r"\u00e9", r"\ud800", r#"a\"b"#] {
        let mut value = Value::Str(format!(r#"["{name}",{{"a":1}}]"#).into(), None);
        let first: Json = CommonParser.decode_value(&mut value, true).unwrap();
        assert_eq!(first, json!({ "a": 1 }), "{name}");
    }
}
