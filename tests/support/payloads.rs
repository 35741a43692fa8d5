//! Payloads that nobody means well by, as JSON text: JSON of any shape, objects that nearly fit, and no JSON at all.

use std::collections::BTreeMap;

use proptest::{collection, option, prelude::*, sample::select, test_runner::Config};
use serde_json::{Map, Value, json};

use super::{fresh_name, person::Person, uuid};

/// Things that exist, for payloads that nearly fit.
#[derive(Debug, Clone)]
pub struct Known {
    pub conversation: String,
    pub message: String,
    pub user: String,
}

impl Known {
    /// A new group of two with one message; the user is the second one.
    pub async fn new(ana: &Person, bia: &Person) -> Self {
        let conversation = ana.converse("group", &[bia]).await;
        let message = ana.say(&conversation, "first").await["id"].as_str().unwrap().to_owned();
        Self { conversation, message, user: bia.id.clone() }
    }
}

/// Properties over the network: fewer cases than usual, and no files of earlier failures.
pub fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() }
}

/// Part of every password here, so that it can be looked for in the logs.
pub const SECRET: &str = "rapadura-do-sertao";

/// Names of fields that some command or route has.
const FIELDS: &[&str] = &[
    "conversationId",
    "clientId",
    "body",
    "replyTo",
    "attachmentIds",
    "messageId",
    "emoji",
    "on",
    "before",
    "after",
    "limit",
    "kind",
    "title",
    "memberIds",
    "seq",
    "cursors",
    "userIds",
    "typing",
    "username",
    "password",
    "displayName",
    "currentPassword",
    "newPassword",
    "avatarId",
    "locale",
];

/// Texts that look for holes.
pub fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        2 => select(vec![
            "", " ", "\0", "a\0b", "\u{202e}", "\u{feff}", "null", "undefined", "../../etc/passwd", "' OR 1=1 --",
            "%00", "${x}", "{{x}}", "<script>", "constructor", "__proto__", "😀", "é\u{301}\u{301}", "\r\nX: y",
        ]).prop_map(str::to_owned),
        1 => (1_usize..20_000).prop_map(|length| "x".repeat(length)),
        1 => Just(uuid()),
    ]
}

/// Any JSON.
pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        odd_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let name = prop_oneof![select(FIELDS).prop_map(str::to_owned), any::<String>()];
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            collection::btree_map(name, inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// JSON that only text can say: deep nesting, numbers that no type holds, names that stand there twice.
fn hard_json() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec![
            "1e400", "-1e400", "1e-400", "-0", "-1", "1.5", "0.1e1", "9007199254740993", "18446744073709551616",
            "123456789012345678901234567890", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "{\"body\":\"\\udc00\"}", "{\"body\":1,\"body\":2}",
        ]).prop_map(str::to_owned),
        1 => (1_usize..2_000).prop_map(|digits| "7".repeat(digits)),
        2 => (prop_oneof![1_usize..140, 1_000_usize..20_000], any::<bool>()).prop_map(|(depth, lists)| {
            if lists {
                "[".repeat(depth) + &"]".repeat(depth)
            } else {
                "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth)
            }
        }),
    ]
}

/// What the field would like to hold.
fn fitting(field: &str, known: &Known) -> Value {
    match field {
        "conversationId" => json!(known.conversation),
        "messageId" | "replyTo" => json!(known.message),
        "clientId" => json!(uuid()),
        "body" | "displayName" => json!("hello"),
        "title" => json!(format!("about {}", uuid())),
        "emoji" => json!("👍"),
        "on" | "typing" => json!(true),
        "before" | "after" | "seq" => json!(3),
        "limit" => json!(10),
        "kind" => json!("group"),
        "memberIds" | "userIds" => json!([known.user]),
        "cursors" => json!({ known.conversation.as_str(): 0 }),
        "username" => json!(fresh_name()),
        "password" | "currentPassword" | "newPassword" => json!(format!("{SECRET} {}", uuid())),
        "locale" => json!("pt-BR"),
        _ => Value::Null,
    }
}

/// An object with known names: all of them but a few, each with a value that fits but for a few.
fn nearly(known: &Known) -> impl Strategy<Value = String> + use<> {
    let known = known.clone();
    let wrong = prop_oneof![any_json().prop_map(|value| value.to_string()), hard_json()];
    // `None` leaves the field out.
    let changes = collection::btree_map(select(FIELDS), option::of(wrong), 0..4);
    prop_oneof![1 => Just(BTreeMap::new()), 3 => changes].prop_map(move |changes| {
        let fields = FIELDS.iter().filter_map(|name| {
            let value = match changes.get(name) {
                Some(change) => change.clone()?,
                None => fitting(name, &known).to_string(),
            };
            Some(format!("{}:{value}", Value::from(*name)))
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    })
}

/// The text of any JSON document, often one that nearly fits.
pub fn json_text(known: &Known) -> impl Strategy<Value = String> + use<> {
    prop_oneof![4 => nearly(known), 2 => any_json().prop_map(|value| value.to_string()), 1 => hard_json()]
}

/// Any bytes: JSON, JSON that was cut off or damaged, and what never was any.
pub fn any_bytes(known: &Known) -> impl Strategy<Value = Vec<u8>> + use<> {
    prop_oneof![
        6 => json_text(known).prop_map(String::into_bytes),
        2 => (json_text(known), any::<prop::sample::Index>())
            .prop_map(|(text, cut)| text.as_bytes()[..cut.index(text.len())].to_vec()),
        2 => (json_text(known), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(text, place, byte)| {
            let mut bytes = text.into_bytes();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            bytes
        }),
        1 => collection::vec(any::<u8>(), 0..200),
    ]
}
