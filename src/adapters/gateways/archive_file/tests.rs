use std::{fs, io::Write, path::Path};

use super::*;
use crate::domain::{
    entities::archive::{Kind, Summary},
    error::archive::ArchiveError,
    interfaces::archive_file::{ArchiveFile, ArchiveWriter},
};

const DOCUMENT: &str = include_str!("../../../../docs/ARCHIVE.md");

/// The example archive of the document.
fn example() -> String {
    let begin = DOCUMENT.find("{\"format\"").expect("an example");
    DOCUMENT[begin..].split("```").next().expect("its end").to_owned()
}

/// Reads what `bytes` are a file of: the records and what the last line states.
async fn read(bytes: &[u8]) -> Result<(Vec<Record>, Option<Summary>), ArchiveError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_file(file.path()).await
}

async fn read_file(path: &Path) -> Result<(Vec<Record>, Option<Summary>), ArchiveError> {
    let file = JsonLinesFile::File(path.into());
    assert!(file.is_lasting());
    let mut reader = file.open().await?;
    let mut records = Vec::new();
    loop {
        let page = reader.next().await?;
        if page.is_empty() {
            return Ok((records, reader.stated()));
        }
        assert_eq!(page[0].0, records.len() as u64 + 2);
        records.extend(page.into_iter().map(|(_, record)| record));
    }
}

#[tokio::test]
async fn the_documents_example_is_read_and_written() {
    let (records, stated) = read(example().as_bytes()).await.unwrap();
    assert_eq!(
        Kind::ALL.map(|kind| records.iter().any(|record| record.key().kind() == kind)),
        [true, false, true, true, true, true, false, false]
    );
    assert!(records.is_sorted_by_key(Record::key));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.ndjson");
    let mut writer = JsonLinesWriter::create(&path).unwrap();
    let created_at = archive::parse_header(example().lines().next().unwrap().as_bytes()).unwrap();
    writer.begin(created_at.timestamp().unwrap()).await.unwrap();
    writer.write(&records).await.unwrap();
    assert_eq!(Some(writer.end().await.unwrap()), stated);
    assert_eq!(fs::read_to_string(&path).unwrap(), example());
    let mut fingerprint = LineFingerprints.begin();
    records.iter().for_each(|record| fingerprint.add(record));
    assert_eq!(Some(fingerprint.finish()), stated.map(|stated| stated.checksum));
}

#[tokio::test]
async fn an_archive_that_was_cut_is_refused_wherever_it_was_cut() {
    let whole = example();
    // Without the end of the last line nothing is missing.
    assert!(read(whole.trim_end().as_bytes()).await.is_ok());
    for end in 0..whole.len() - 1 {
        let error = read(&whole.as_bytes()[..end]).await.expect_err("is refused");
        let first = whole.find('\n').unwrap();
        match error {
            ArchiveError::NotAnArchive => assert!(end < first, "{end}"),
            ArchiveError::Cut(line) => {
                let ended = whole.bytes().take(end).filter(|byte| *byte == b'\n').count();
                // A whole line may lack its end only.
                assert!((ended..=ended + 1).contains(&(line as usize)), "{end}: {line}");
            }
            other => panic!("{end}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_line_that_is_broken_is_named() {
    let whole = example();
    let lines: Vec<&str> = whole.lines().collect();
    for (number, bad, field) in
        [(2, "{\"type\":\"toy\"}", "type"), (3, "", "the line"), (4, "{\"type\":\"user\"}", "id")]
    {
        let mut broken = lines.clone();
        broken[number - 1] = bad;
        let error = read((broken.join("\n") + "\n").as_bytes()).await.expect_err("is refused");
        let sentence = error.to_string();
        assert!(sentence.contains(&format!("line {number} ")) && sentence.contains(field), "{sentence}");
    }
    let error = read((whole.clone() + lines[1] + "\n").as_bytes()).await.expect_err("is refused");
    assert!(error.to_string().contains(&format!("line {} ", lines.len() + 1)), "{error}");
    let noise: Vec<u8> = (0..100_000_u32).map(|number| (number * 7 % 251) as u8).collect();
    assert!(matches!(read(&noise).await, Err(ArchiveError::NotAnArchive)));
    let missing = JsonLinesFile::File("/nowhere/archive.ndjson".into());
    assert!(missing.open().await.err().unwrap().to_string().contains("/nowhere/archive.ndjson"));
}

#[tokio::test]
async fn a_file_appears_whole_or_not_at_all() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("archive.ndjson");
    let files = || fs::read_dir(directory.path()).unwrap().count();
    let mut writer = JsonLinesWriter::create(&path).unwrap();
    writer.begin(crate::domain::entities::timestamp::Timestamp::from_millis(0)).await.unwrap();
    assert!(!path.exists() && files() == 1);
    drop(writer);
    assert_eq!(files(), 0);
    let mut writer = JsonLinesWriter::create(&path).unwrap();
    writer.begin(crate::domain::entities::timestamp::Timestamp::from_millis(0)).await.unwrap();
    writer.end().await.unwrap();
    assert_eq!((path.metadata().unwrap().permissions().mode() & 0o777, files()), (0o600, 1));
    assert!(JsonLinesWriter::create(&path).err().unwrap().to_string().contains("exists already"));
    // Somebody else was faster.
    let late = directory.path().join("late");
    let mut writer = JsonLinesWriter::create(&late).unwrap();
    fs::write(&late, "theirs").unwrap();
    let error = writer.end().await.expect_err("is refused");
    assert!(error.to_string().contains("exists already"), "{error}");
    drop(writer);
    assert_eq!((fs::read_to_string(&late).unwrap(), files()), ("theirs".to_owned(), 2));
    assert!(JsonLinesWriter::create(&directory.path().join("missing/file")).is_err());
}
