use std::{io, path::Path};

use async_trait::async_trait;
use tokio::{
    fs::File,
    io::{AsyncWriteExt, BufWriter},
};

use super::Lines;
use crate::{
    adapters::{
        dto::archive,
        gateways::new_file::{NewFile, NewFileError},
    },
    domain::{
        entities::{
            archive::{Counts, Record, Summary},
            timestamp::Timestamp,
        },
        error::archive::ArchiveError,
        interfaces::archive_file::ArchiveWriter,
    },
};

const BUFFER: usize = 256 << 10;

/// Writes an archive, one line after the other.
pub struct JsonLinesWriter {
    out: BufWriter<File>,
    /// `None` when it goes to standard output.
    file: Option<NewFile>,
    lines: Lines,
    counts: Counts,
}

impl JsonLinesWriter {
    /// A new file.
    ///
    /// # Errors
    /// When there is something of this name, or none can be made there.
    pub fn create(path: &Path) -> Result<Self, NewFileError> {
        let file = NewFile::create(path)?;
        Ok(Self::new(file.file()?, Some(file)))
    }

    /// What is open already, such as standard output.
    pub fn of(out: impl Into<std::fs::File>) -> Self {
        Self::new(out.into(), None)
    }

    fn new(out: std::fs::File, file: Option<NewFile>) -> Self {
        let out = BufWriter::with_capacity(BUFFER, File::from_std(out));
        Self { out, file, lines: Lines::default(), counts: Counts::default() }
    }

    async fn line(&mut self, line: &str) -> Result<(), ArchiveError> {
        let written = async {
            self.out.write_all(line.as_bytes()).await?;
            self.out.write_all(b"\n").await
        };
        written.await.map_err(ArchiveError::Writing)
    }
}

#[async_trait]
impl ArchiveWriter for JsonLinesWriter {
    async fn begin(&mut self, created_at: Timestamp) -> Result<(), ArchiveError> {
        self.line(&archive::header(created_at)).await
    }

    async fn write(&mut self, records: &[Record]) -> Result<(), ArchiveError> {
        for record in records {
            let line = archive::line(record);
            self.lines.add_line(&line);
            self.counts.add(record.key().kind(), 1);
            self.line(&line).await?;
        }
        Ok(())
    }

    async fn end(&mut self) -> Result<Summary, ArchiveError> {
        let checksum = std::mem::take(&mut self.lines).checksum();
        let summary = Summary { counts: self.counts, checksum };
        self.line(&archive::end(&summary)).await?;
        self.out.flush().await.map_err(ArchiveError::Writing)?;
        if let Some(file) = self.file.take() {
            let finished = tokio::task::spawn_blocking(move || file.finish()).await;
            let finished = finished.map_err(io::Error::from).and_then(|end| end.map_err(io::Error::other));
            finished.map_err(ArchiveError::Writing)?;
        }
        Ok(summary)
    }
}
