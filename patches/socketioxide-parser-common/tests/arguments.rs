//! Values as an event's arguments, without attachments.

use std::{collections::HashMap, fmt::Debug};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json, value::RawValue};
use socketioxide_core::{Value, parser::Parse};
use socketioxide_parser_common::CommonParser;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Point {
    x: i64,
    label: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i64, String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Name(String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Marks(Vec<i64>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Shape {
    Dot,
    Circle(i64),
    Line(i64, i64),
    Box { w: i64 },
}

fn point() -> Point {
    Point { x: -3, label: None }
}

fn write<T: Serialize + ?Sized>(data: &T, event: Option<&str>) -> String {
    match CommonParser.encode_value(data, event).unwrap() {
        Value::Str(text, None) => text.into(),
        other => panic!("{other:?}"),
    }
}

fn read<T: DeserializeOwned>(text: &str, with_event: bool) -> Option<T> {
    CommonParser.decode_value(&mut Value::Str(text.to_owned().into(), None), with_event).ok()
}

/// Written as these arguments and read from them, with an event's name in front and without.
fn goes_and_comes<T: Serialize + DeserializeOwned + PartialEq + Debug>(data: &T, arguments: &str) {
    let comma = if arguments.is_empty() { "" } else { "," };
    let event = format!(r#"["a \"name\""{comma}{arguments}]"#);
    assert_eq!(write(data, Some("a \"name\"")), event);
    assert_eq!(read::<T>(&event, true).as_ref(), Some(data), "{event}");
    let ack = format!("[{arguments}]");
    assert_eq!(write(data, None), ack);
    assert_eq!(read::<T>(&ack, false).as_ref(), Some(data), "{ack}");
}

#[test]
fn anything_is_one_argument() {
    goes_and_comes(&point(), r#"{"x":-3,"label":null}"#);
    goes_and_comes(&"é \"\u{1}\"".to_owned(), r#""é \"\u0001\"""#);
    goes_and_comes(&1.5, "1.5");
    goes_and_comes(&(), "null");
    goes_and_comes(&Some(7), "7");
    goes_and_comes(&None::<i64>, "null");
    goes_and_comes(&vec![1, 2], "[1,2]");
    goes_and_comes(&Vec::<i64>::new(), "[]");
    goes_and_comes(&vec![vec![(1, 2)]], "[[[1,2]]]");
    goes_and_comes(&HashMap::from([(7, "a".to_owned())]), r#"{"7":"a"}"#);
    goes_and_comes(&json!({ "a": [{}, [], null] }), r#"{"a":[{},[],null]}"#);
}

#[test]
fn a_tuples_elements_are_arguments() {
    goes_and_comes(&("a".to_owned(), 1, point()), r#""a",1,{"x":-3,"label":null}"#);
    goes_and_comes(&(vec![1], (2, 3)), "[1],[2,3]");
    goes_and_comes(&[4, 5], "4,5");
    goes_and_comes(&[0; 0], "");
    goes_and_comes(&Pair(1, "b".to_owned()), r#"1,"b""#);
    goes_and_comes(&(None::<i64>,), "null");
}

#[test]
fn variants_are_one_argument() {
    goes_and_comes(&Shape::Dot, r#""dot""#);
    goes_and_comes(&Shape::Circle(1), r#"{"circle":1}"#);
    goes_and_comes(&Shape::Line(1, 2), r#"{"line":[1,2]}"#);
    goes_and_comes(&Shape::Box { w: 3 }, r#"{"box":{"w":3}}"#);
}

/// Serde calls a struct around one value a tuple of one, and JSON writes it as that value.
#[test]
fn a_struct_around_one_value_stays_within_the_array() {
    goes_and_comes(&Marks(vec![1, 2]), "1,2");
    assert_eq!(write(&Name("b".to_owned()), Some("a")), r#"["a","b"]"#);
    #[derive(Serialize)]
    struct Around(Inner);
    #[derive(Serialize)]
    struct Inner {
        list: [i64; 1],
    }
    assert_eq!(write(&Around(Inner { list: [1] }), Some("a")), r#"["a",{"list":[1]}]"#);
}

#[test]
fn raw_json_goes_as_it_is() {
    let raw = RawValue::from_string(r#"{"a": "\u00e9"}"#.to_owned()).unwrap();
    assert_eq!(write(&*raw, Some("e")), r#"["e",{"a": "\u00e9"}]"#);
    let (back,): (Box<RawValue>,) = read(r#"["e",{"a": "\u00e9"}]"#, true).unwrap();
    assert_eq!(back.get(), raw.get());
}

#[test]
fn a_value_is_read_as_often_as_wanted_and_borrowed() {
    let mut value = Value::Str(r#"["e","text",2]"#.into(), None);
    assert_eq!(CommonParser.decode_value::<&str>(&mut value, true).unwrap(), "text");
    assert_eq!(CommonParser.decode_value::<(&str, i64)>(&mut value, true).unwrap(), ("text", 2));
    assert_eq!(CommonParser.read_event(&value).unwrap(), "e");
}

#[test]
fn arguments_must_fit() {
    assert_eq!(read::<i64>("[1,2,3]", false), Some(1), "what follows is nobody's");
    assert_eq!(read::<(i64,)>("[1,2,3]", false), None, "a tuple takes all");
    assert_eq!(read::<(i64, i64)>("[1]", false), None);
    assert_eq!(read::<i64>(r#"["e"]"#, true), None);
    assert_eq!(read::<i64>("[]", false), None);
    assert_eq!(read::<(i64,)>("[]", true), None);
    assert_eq!(read::<Json>(r#"{"e":1}"#, false), None);
    assert_eq!(read::<Json>("[1", false), None);
    assert_eq!(read::<Json>("[1]]", false), None);
    assert_eq!(read::<Json>("", true), None);
    assert!(CommonParser.decode_value::<Json>(&mut Value::Bytes(vec![0x90].into()), false).is_err());
    assert!(CommonParser.encode_value(&HashMap::from([((), 1)]), Some("e")).is_err());
}

#[test]
fn placeholders_are_objects_where_nothing_is_attached() {
    let placeholder = json!({ "_placeholder": true, "num": 0 });
    assert_eq!(read::<Json>(&json!(["e", placeholder]).to_string(), true), Some(placeholder));
}
