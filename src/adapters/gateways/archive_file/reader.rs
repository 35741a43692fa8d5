use std::{io, path::PathBuf};

use async_trait::async_trait;
use tokio::{
    fs::File,
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
};

use crate::{
    adapters::dto::archive::{self, Line},
    domain::{
        entities::archive::Summary,
        error::{
            FieldError,
            archive::{ArchiveError, Fields},
        },
        interfaces::archive_file::{ArchiveFile, ArchiveReader, Numbered},
    },
};

const BUFFER: usize = 256 << 10;

/// The longest line that is read: a message that a million people reacted to.
const MAX_LINE: u64 = 64 << 20;

/// How many records are read at once.
const PAGE: usize = 2_000;

/// Where an archive is.
pub enum JsonLinesFile {
    File(PathBuf),
    /// What is open already, such as standard input. It can be read once.
    Open(std::fs::File),
}

#[async_trait]
impl ArchiveFile for JsonLinesFile {
    fn is_lasting(&self) -> bool {
        match self {
            // What is not there is not a pipe.
            Self::File(path) => path.metadata().map_or(true, |metadata| metadata.is_file()),
            Self::Open(_) => false,
        }
    }

    async fn open(&self) -> Result<Box<dyn ArchiveReader>, ArchiveError> {
        let opened = match self {
            Self::File(path) => File::open(path)
                .await
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
            Self::Open(file) => file.try_clone().map(File::from_std),
        };
        let mut lines = Lines::new(opened.map_err(ArchiveError::Reading)?);
        let first = match lines.next().await {
            // The beginning of something else, such as a picture.
            Err(ArchiveError::Broken { .. }) => return Err(ArchiveError::NotAnArchive),
            first => first?.ok_or(ArchiveError::NotAnArchive)?,
        };
        let created_at = archive::parse_header(first)?;
        Ok(Box::new(JsonLines { lines, created_at: created_at.as_str().to_owned(), stated: None }))
    }
}

/// Text, line by line.
struct Lines {
    input: BufReader<File>,
    line: Vec<u8>,
    /// How many lines were read.
    number: u64,
    /// Whether the last one had no end.
    torn: bool,
}

impl Lines {
    fn new(file: File) -> Self {
        Self { input: BufReader::with_capacity(BUFFER, file), line: Vec::new(), number: 0, torn: false }
    }

    /// The next line, without its end.
    async fn next(&mut self) -> Result<Option<&[u8]>, ArchiveError> {
        self.line.clear();
        let mut limited = (&mut self.input).take(MAX_LINE);
        let read = limited.read_until(b'\n', &mut self.line).await.map_err(ArchiveError::Reading)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.torn = self.line.pop_if(|last| *last == b'\n').is_none();
        if self.torn && read as u64 == MAX_LINE {
            return Err(ArchiveError::broken(self.number, FieldError::new("the line", "is too long")));
        }
        Ok(Some(&self.line))
    }
}

struct JsonLines {
    lines: Lines,
    created_at: String,
    stated: Option<Summary>,
}

#[async_trait]
impl ArchiveReader for JsonLines {
    fn origin(&self) -> String {
        format!("the archive of {}", self.created_at)
    }

    async fn next(&mut self) -> Result<Vec<Numbered>, ArchiveError> {
        let mut records = Vec::new();
        while self.stated.is_none() && records.len() < PAGE {
            let before = self.lines.number;
            let line = self.lines.next().await?.ok_or(ArchiveError::Cut(before))?;
            match archive::parse(line) {
                Ok(Line::Record(record)) => records.push((before + 1, *record)),
                Ok(Line::End(stated)) => {
                    self.stated = Some(stated);
                    if self.lines.next().await?.is_some() {
                        let field = FieldError::new("the line", "stands behind the last one");
                        return Err(ArchiveError::broken(self.lines.number, field));
                    }
                }
                Err(_) if self.lines.torn => return Err(ArchiveError::Cut(before)),
                Err(fields) => {
                    return Err(ArchiveError::Broken { line: before + 1, fields: Fields(fields) });
                }
            }
        }
        Ok(records)
    }

    fn stated(&self) -> Option<Summary> {
        self.stated
    }
}
