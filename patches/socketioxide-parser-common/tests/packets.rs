//! What stands around the JSON.

use proptest::{collection, prelude::*, sample::select};
use socketioxide_core::{
    Str, Value,
    packet::{Packet, PacketData},
    parser::{Parse, ParseConfig, ParseError, ParserState},
};
use socketioxide_parser_common::CommonParser;

fn decode(text: &str) -> Result<Packet, ParseError> {
    CommonParser.decode_str(&ParseConfig::default(), &ParserState::default(), text.to_owned().into())
}

fn packet(ns: &'static str, inner: PacketData) -> Packet {
    Packet { inner, ns: Str::from(ns) }
}

fn json(text: &'static str) -> Value {
    Value::Str(text.into(), None)
}

#[test]
fn packets_are_written_and_read() {
    use PacketData::{Connect, Disconnect, Event, EventAck};
    for (text, packet) in [
        ("0", packet("/", Connect(None))),
        (r#"0{"a":1}"#, packet("/", Connect(Some(json(r#"{"a":1}"#))))),
        ("0/admin,", packet("/admin", Connect(None))),
        (r#"0/é™,{"a":1}"#, packet("/é™", Connect(Some(json(r#"{"a":1}"#))))),
        ("1", packet("/", Disconnect)),
        ("1/admin,", packet("/admin", Disconnect)),
        (r#"2["a"]"#, packet("/", Event(json(r#"["a"]"#), None))),
        (r#"20["é"]"#, packet("/", Event(json(r#"["é"]"#), Some(0)))),
        (r#"2/é,17["a","é"]"#, packet("/é", Event(json(r#"["a","é"]"#), Some(17)))),
        ("29223372036854775807[]", packet("/", Event(json("[]"), Some(i64::MAX)))),
        ("37[1]", packet("/", EventAck(json("[1]"), 7))),
        ("3/admin,7[]", packet("/admin", EventAck(json("[]"), 7))),
    ] {
        assert_eq!(decode(text).unwrap(), packet, "{text}");
        let written = CommonParser.encode(packet);
        assert_eq!(written.as_str().unwrap().as_str(), text);
    }
}

#[test]
fn a_refusal_is_written_and_never_read() {
    let refusal = CommonParser.encode(Packet::connect_error("/", "no \"entry\""));
    assert_eq!(refusal, json(r#"4{"message":"no \"entry\""}"#));
    assert!(matches!(decode(r#"4{"message":"no"}"#), Err(ParseError::InvalidPacketType)));
}

#[test]
fn a_namespace_may_lack_its_slash_or_its_comma() {
    assert_eq!(CommonParser.encode(Packet::disconnect("admin")), json("1/admin,"));
    assert_eq!(CommonParser.encode(Packet::disconnect("")), json("1"));
    assert_eq!(decode("0/é").unwrap(), Packet::connect("/é", None));
}

#[test]
fn digits_are_an_ack_only_in_front_of_json() {
    let event = |text| match decode(text).unwrap().inner {
        PacketData::Event(Value::Str(json, None), ack) => (json.to_string(), ack),
        other => panic!("{other:?}"),
    };
    assert_eq!(event("21"), (String::new(), None));
    assert_eq!(event("2"), (String::new(), None));
    assert_eq!(event("21é"), ("é".to_owned(), None));
    assert_eq!(event("2-1[]"), ("-1[]".to_owned(), None));
    assert_eq!(event("299999999999999999999[]"), ("[]".to_owned(), None));
    assert_eq!(event("21{}"), ("{}".to_owned(), Some(1)));
}

#[test]
fn what_is_no_packet_is_refused() {
    for text in
        ["", "7", "8[]", "é", " 2[]", "-", "3", "3[]", "37", "3x[]", "47[]", "399999999999999999999[]"]
    {
        assert!(matches!(decode(text), Err(ParseError::InvalidPacketType)), "{text}");
    }
    for text in ["5", "5[]", "5-[]", "51", "51[]", "5é-[]", "5+1-[]", "599999999999999999999-[]", "6a-7[]"] {
        assert!(matches!(decode(text), Err(ParseError::InvalidAttachments)), "{text}");
    }
    assert!(matches!(decode("61-[]"), Err(ParseError::InvalidPacketType)));
}

#[test]
fn what_a_client_says_at_connecting_defaults_to_an_empty_object() {
    let read = |value: Option<&Value>| CommonParser.decode_default::<serde_json::Value>(value).ok();
    assert_eq!(read(None), Some(serde_json::json!({})));
    assert_eq!(read(Some(&json(r#"{"a":[1]}"#))), Some(serde_json::json!({ "a": [1] })));
    assert_eq!(read(Some(&json("{} {}"))), None);
    assert_eq!(read(Some(&Value::Bytes(vec![0x80].into()))), None);
    assert_eq!(CommonParser.encode_default(&(1, "é")).unwrap(), json(r#"[1,"é"]"#));
}

#[test]
fn a_text_is_allocated_as_long_as_it_is() {
    let text = CommonParser.encode(packet("/admin", PacketData::Event(json(r#"["a"]"#), Some(12))));
    let Value::Str(text, _) = text else { panic!() };
    assert_eq!(Vec::from(text).capacity(), r#"2/admin,12["a"]"#.len());
}

/// Beginnings of packets, and what must not follow.
fn pieces() -> impl Strategy<Value = String> {
    let known =
        ["0", "2", "3", "51-", "62-", "/", "/é,", ",", "7", "[", "]", "{", "}", "\"a\"", "\\", "é", "👋"];
    let piece = prop_oneof![4 => select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics(texts in collection::vec(pieces(), 1..4), bytes in any::<Vec<u8>>(), event: bool) {
        let (config, state) = (ParseConfig::default(), ParserState::default());
        for text in texts {
            let mut packet = CommonParser.decode_str(&config, &state, text.into());
            while matches!(packet, Err(ParseError::NeedsMoreBinaryData)) {
                packet = CommonParser.decode_bin(&config, &state, bytes.clone().into());
            }
            let Ok(mut packet) = packet else { continue };
            if let PacketData::Event(value, _) | PacketData::BinaryEvent(value, _) | PacketData::BinaryAck(value, _) =
                &mut packet.inner
            {
                drop(CommonParser.read_event(value).map(str::to_owned));
                drop(CommonParser.decode_value::<rmpv::Value>(value, event));
                drop(CommonParser.decode_value::<(rmpv::Value, rmpv::Value)>(value, event));
            }
            CommonParser.encode(packet);
        }
    }

    #[test]
    fn what_is_written_is_read(ns in "/[a-z é]{1,8}", ack in proptest::option::of(0..=i64::MAX), body: String) {
        let json = CommonParser.encode_value(&body, Some("a")).unwrap();
        let packet = Packet { inner: PacketData::Event(json, ack), ns: ns.into() };
        let text = CommonParser.encode(packet.clone());
        let mut read = decode(text.as_str().unwrap()).unwrap();
        prop_assert_eq!(&read, &packet);
        let PacketData::Event(value, _) = &mut read.inner else { panic!() };
        prop_assert_eq!(CommonParser.decode_value::<String>(value, true).unwrap(), body);
    }
}
