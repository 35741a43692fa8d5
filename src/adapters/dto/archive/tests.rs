//! The golden lines that docs/ARCHIVE.md shows, read and written back to the byte.

use super::*;

const DOCUMENT: &str = include_str!("../../../../docs/ARCHIVE.md");

/// The example archive of the document.
fn example() -> Vec<&'static str> {
    let begin = DOCUMENT.find("```json\n{\"format\"").expect("an example");
    DOCUMENT[begin..].lines().skip(1).take_while(|line| *line != "```").collect()
}

#[test]
fn the_documents_example_is_written_as_it_stands() {
    let lines = example();
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    let time = parse_header(first.as_bytes()).unwrap();
    assert_eq!(header(time.timestamp().unwrap()), first);
    for text in &lines[1..lines.len() - 1] {
        match parse(text.as_bytes()) {
            Ok(Line::Record(record)) => assert_eq!(line(&record), *text),
            other => panic!("{text}: {other:?}"),
        }
    }
    let Ok(Line::End(summary)) = parse(last.as_bytes()) else { panic!("{last}") };
    assert_eq!(end(&summary), last);
    assert_eq!(summary.counts.total(), lines.len() as u64 - 2);
}

/// Each field of each line is named when its value is of no use.
#[test]
fn a_field_that_cannot_be_read_is_named() {
    let mut tried = 0;
    for text in &example()[1..] {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
        for field in object.keys() {
            let mut broken = object.clone();
            broken[field] = serde_json::json!({"no": "use"});
            refused(&broken, field);
            broken.remove(field);
            if object[field].is_null() {
                assert!(parse(records::json(&broken).as_bytes()).is_ok(), "{field} may be left out");
            } else if !["locale", "title", "replyTo", "lastSeenAt", "editedAt", "deletedAt"]
                .contains(&&**field)
            {
                refused(&broken, field);
            }
            tried += 1;
        }
        let mut more = object.clone();
        more.insert("surplus".to_owned(), serde_json::Value::Null);
        refused(&more, "surplus");
    }
    assert!(tried > 40, "{tried}");
}

fn refused(object: &serde_json::Map<String, serde_json::Value>, field: &str) {
    let text = records::json(object);
    let fields = parse(text.as_bytes()).expect_err(&text);
    assert!(fields[0].field.starts_with(field), "{fields:?} for {field}: {text}");
}

#[test]
fn values_that_cannot_be_are_named() {
    for (from, to, field) in [
        ("\"username\":\"", "\"username\":\"A B", "username"),
        ("\"key\":\"", "\"key\":\"0", "key"),
        ("\"kind\":\"", "\"kind\":\"un", "kind"),
        ("\"role\":\"", "\"role\":\"un", "role"),
        ("\"clientId\":\"", "\"clientId\":\"0", "clientId"),
        ("\"emoji\":\"", "\"emoji\":\"ab", "reactions[0].emoji"),
        ("\"userIds\":[\"", "\"userIds\":[\"0", "reactions[0].userIds"),
        ("\"readSeq\":", "\"readSeq\":-", "readSeq"),
        ("\"rev\":", "\"rev\":0.", "rev"),
        ("\"passwordHash\":\"", "\"passwordHash\":\"\",\"x\":\"", "x"),
        ("\"sha256\":\"", "\"sha256\":\"0", "sha256"),
    ] {
        let line = example().into_iter().rev().find(|line| line.contains(from)).expect(from);
        let broken = line.replacen(from, to, 1);
        let fields = parse(broken.as_bytes()).expect_err(&broken);
        assert_eq!(fields[0].field, field, "{fields:?}");
    }
}

#[test]
fn what_is_no_archive_is_refused() {
    for text in
        ["", "{}", "[]", "hello", "{\"format\":\"chatconnect-archive\"}", "{\"format\":\"x\",\"version\":1}"]
    {
        assert!(matches!(parse_header(text.as_bytes()), Err(ArchiveError::NotAnArchive)), "{text}");
    }
    let newer = "{\"format\":\"chatconnect-archive\",\"version\":2,\"somethingElse\":true}";
    assert!(matches!(parse_header(newer.as_bytes()), Err(ArchiveError::Version(2, VERSION))));
    let timeless = "{\"format\":\"chatconnect-archive\",\"version\":1,\"createdAt\":\"today\"}";
    let error = parse_header(timeless.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("line 1") && error.to_string().contains("createdAt"), "{error}");
    for text in ["", "[]", "null", "{\"type\":\"toy\"}", "{\"type\":7}", "{}", "{\"type\":\"user\""] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
}
