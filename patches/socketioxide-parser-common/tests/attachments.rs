//! Binary arguments.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use rmpv::Value as Tree;
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Value as Json, json};
use socketioxide_core::{
    Value,
    packet::{Packet, PacketData},
    parser::{Parse, ParseConfig, ParseError, ParserState},
};
use socketioxide_parser_common::CommonParser;

const ONE: Bytes = Bytes::from_static(&[1]);
const TWO: Bytes = Bytes::from_static(&[2, 0xff]);

fn placeholder(num: usize) -> Json {
    json!({ "_placeholder": true, "num": num })
}

/// Bytes, whose serde is not that of a list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Blob(Tree);

impl Blob {
    fn new(bytes: &Bytes) -> Self {
        Self(Tree::Binary(bytes.to_vec()))
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Upload {
    name: String,
    first: Blob,
    second: Option<Blob>,
    third: Option<Blob>,
    kind: Kind,
    size: (u8, f64),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Of(Blob),
    Both(Blob, i64),
    Named { blob: Blob },
}

fn upload(kind: Kind) -> Upload {
    let second = Some(Blob::new(&TWO));
    Upload { name: "é".to_owned(), first: Blob::new(&ONE), second, third: None, kind, size: (1, 1.5) }
}

fn read<T: DeserializeOwned>(text: &Json, attachments: &[Bytes]) -> Option<T> {
    let attachments = Some(attachments.iter().cloned().collect());
    CommonParser.decode_value(&mut Value::Str(text.to_string().into(), attachments), true).ok()
}

#[test]
fn bytes_are_attached_in_their_order() {
    let value = CommonParser.encode_value(&(Blob::new(&ONE), "b", vec![Blob::new(&TWO)]), Some("e")).unwrap();
    let text = r#"["e",{"_placeholder":true,"num":0},"b",[{"_placeholder":true,"num":1}]]"#;
    assert_eq!(value, Value::Str(text.into(), Some(VecDeque::from([ONE, TWO]))));
    let value = CommonParser.encode_value(&Blob::new(&ONE), None).unwrap();
    assert_eq!(value, Value::Str(r#"[{"_placeholder":true,"num":0}]"#.into(), Some([ONE].into())));
}

#[test]
fn what_holds_bytes_goes_and_comes() {
    let blob = || Blob::new(&ONE);
    for kind in [Kind::Plain, Kind::Of(blob()), Kind::Both(blob(), 7), Kind::Named { blob: blob() }] {
        let upload = upload(kind);
        let mut value = CommonParser.encode_value(&upload, Some("e")).unwrap();
        let Value::Str(_, Some(attachments)) = &value else { panic!("{value:?}") };
        assert!(attachments.len() >= 2);
        // Twice, because reading takes nothing away.
        for _ in 0..2 {
            assert_eq!(CommonParser.decode_value::<Upload>(&mut value, true).unwrap(), upload);
            assert_eq!(CommonParser.decode_value::<(Upload,)>(&mut value, true).unwrap().0, upload);
        }
    }
}

#[test]
fn arguments_of_any_type_hold_their_bytes() {
    let text = json!(["e", { "a": [placeholder(1), -1, null, 0.5] }, placeholder(0), { "_placeholder": 1 }]);
    let tree: (Tree, Tree, Tree) = read(&text, &[ONE, TWO]).unwrap();
    let list = vec![Tree::Binary(TWO.to_vec()), Tree::from(-1), Tree::Nil, Tree::from(0.5)];
    assert_eq!(tree.0, Tree::Map(vec![("a".into(), Tree::Array(list))]));
    assert_eq!(tree.1, Tree::Binary(ONE.to_vec()));
    assert_eq!(tree.2, Tree::Map(vec![("_placeholder".into(), 1.into())]));
    assert_eq!(read::<Tree>(&text, &[ONE]), None, "the second one is missing");
    let first: Option<Tree> = read(&json!(["e", placeholder(0), placeholder(1)]), &[ONE]);
    assert_eq!(first, Some(Tree::Binary(ONE.to_vec())), "what follows is nobody's");
    let text = json!(["e", placeholder(0), 2]);
    assert!(read::<(Tree, i64)>(&text, &[ONE]).is_some());
    assert!(read::<(Tree,)>(&text, &[ONE]).is_none(), "a tuple takes all");
}

#[test]
fn placeholders_must_be_good_and_bytes_are_no_text() {
    for wrong in [
        json!({ "_placeholder": true }),
        json!({ "_placeholder": true, "num": -1 }),
        json!({ "_placeholder": true, "num": "0" }),
        json!({ "_placeholder": true, "num": 0.5 }),
        json!({ "_placeholder": true, "num": u64::MAX }),
        placeholder(1),
    ] {
        assert_eq!(read::<Tree>(&json!(["e", wrong]), &[ONE]), None, "{wrong}");
    }
    assert_eq!(read::<String>(&json!(["e", placeholder(0)]), &[ONE]), None);
    assert_eq!(
        read::<(Tree, Tree)>(&json!(["e", placeholder(0), placeholder(0)]), &[ONE]),
        None,
        "taken once"
    );
}

fn text(state: &ParserState, config: &ParseConfig, text: &str) -> Result<Packet, ParseError> {
    CommonParser.decode_str(config, state, text.to_owned().into())
}

const HEADER: &str = r#"52-/é,7["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;

#[test]
fn a_packet_is_complete_with_its_attachments() {
    let (state, config) = (ParserState::default(), ParseConfig::default());
    // More than once, because a connection goes on.
    for _ in 0..2 {
        assert!(matches!(text(&state, &config, HEADER), Err(ParseError::NeedsMoreBinaryData)));
        let first = CommonParser.decode_bin(&config, &state, ONE);
        assert!(matches!(first, Err(ParseError::NeedsMoreBinaryData)));
        let packet = CommonParser.decode_bin(&config, &state, TWO).unwrap();
        let PacketData::BinaryEvent(Value::Str(json, Some(attachments)), Some(7)) = &packet.inner else {
            panic!("{packet:?}")
        };
        assert_eq!((packet.ns.as_str(), json.as_str()), ("/é", &HEADER["52-/é,7".len()..]));
        assert_eq!(attachments, &VecDeque::from([ONE, TWO]));
        let Value::Str(written, attachments) = CommonParser.encode(packet) else { panic!() };
        assert_eq!((written.as_str(), attachments), (HEADER, Some(VecDeque::from([ONE, TWO]))));
    }
    assert!(text(&state, &config, r#"2["e"]"#).is_ok());
}

#[test]
fn an_ack_may_have_attachments_and_a_packet_may_announce_none() {
    let (state, config) = (ParserState::default(), ParseConfig::default());
    assert!(matches!(text(&state, &config, "61-7[]"), Err(ParseError::NeedsMoreBinaryData)));
    let ack = CommonParser.decode_bin(&config, &state, ONE).unwrap();
    assert_eq!(ack, Packet::ack("/", Value::Str("[]".into(), Some([ONE].into())), 7));
    assert_eq!(CommonParser.encode(ack), Value::Str("61-7[]".into(), Some([ONE].into())));
    let none = text(&state, &config, r#"50-["e"]"#).unwrap();
    assert_eq!(none.inner, PacketData::BinaryEvent(Value::Str(r#"["e"]"#.into(), None), None));
    assert_eq!(CommonParser.encode(none), Value::Str(r#"50-["e"]"#.into(), None));
}

#[test]
fn text_and_bytes_come_in_their_order() {
    let (state, config) = (ParserState::default(), ParseConfig::default());
    assert!(matches!(CommonParser.decode_bin(&config, &state, ONE), Err(ParseError::UnexpectedBinaryPacket)));
    for packet in [r#"2["e"]"#, HEADER, "rubbish"] {
        let state = ParserState::default();
        assert!(matches!(text(&state, &config, HEADER), Err(ParseError::NeedsMoreBinaryData)));
        assert!(matches!(text(&state, &config, packet), Err(ParseError::UnexpectedStringPacket)), "{packet}");
    }
}

#[test]
fn attachments_are_limited_in_number_weight_and_time() {
    let config = ParseConfig {
        max_incoming_binaries: 2,
        max_incoming_binary_buf_size: 3,
        packet_completion_timeout: Duration::from_secs(1),
    };
    let state = ParserState::default();
    let three = text(&state, &config, "53-[]");
    assert!(matches!(three, Err(ParseError::TooManyAttachments { got: 3, max: 2 })));
    assert!(matches!(text(&state, &config, HEADER), Err(ParseError::NeedsMoreBinaryData)), "nothing waits");
    assert!(matches!(CommonParser.decode_bin(&config, &state, TWO), Err(ParseError::NeedsMoreBinaryData)));
    let heavy = CommonParser.decode_bin(&config, &state, TWO);
    assert!(matches!(heavy, Err(ParseError::AttachmentsTooHeavy { current: 4, max: 3 })));

    let state = ParserState::default();
    assert!(matches!(text(&state, &config, HEADER), Err(ParseError::NeedsMoreBinaryData)));
    if let Some(partial) = &mut *state.partial_bin_packet.lock().unwrap() {
        partial.initial_packet_recv -= Duration::from_secs(2);
    }
    let late = CommonParser.decode_bin(&config, &state, ONE);
    assert!(matches!(late, Err(ParseError::TimeoutWhileWaitingAttachments)));
}
