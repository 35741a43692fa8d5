//! Files in a folder, in S3 or, for tests, in memory (the `object_store` crate).

use std::{
    fmt,
    ops::Range,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{
    Error, GetOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, WriteMultipart,
    aws::AmazonS3Builder, local::LocalFileSystem, memory::InMemory, path::Path, prefix::PrefixStore,
};

use crate::{
    config::uploads::BlobPlace,
    domain::{
        error::{DomainError, Result},
        interfaces::blob_store::{BlobKey, BlobReader, BlobStore, BlobWriter},
    },
};

/// Parts of a file that is written to a folder, and the least that S3 takes.
const FOLDER_PART: usize = 256 << 10;
const S3_PART: usize = 5 << 20;

/// Parts under way at once for one file.
const AT_ONCE: usize = 2;

/// How long S3 is asked again for the same.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the place for files cannot be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum BlobsError {
    #[error("BLOB_STORE must be file:///<folder>, s3://<bucket>/<prefix> or memory://")]
    Unknown,
    #[error("the folder {folder} for files cannot be used ({cause}): choose another one with BLOB_STORE")]
    Folder { folder: String, cause: String },
    #[error("S3 cannot be used for files ({0}): look at BLOB_STORE and at the AWS_* variables")]
    S3(String),
}

pub struct ObjectBlobs {
    /// Not there until the folder is needed.
    store: OnceLock<Arc<dyn ObjectStore>>,
    folder: Option<PathBuf>,
    part: usize,
}

impl ObjectBlobs {
    /// Makes a folder that was named when it is missing, for nobody else. S3 is not asked for anything yet.
    ///
    /// # Errors
    /// One sentence that names the cause and the remedy.
    pub fn open(place: &BlobPlace) -> Result<Self, BlobsError> {
        match place {
            BlobPlace::Folder(folder) => Ok(Self::holding(open_folder(folder)?, FOLDER_PART)),
            BlobPlace::Beside(folder) => {
                Ok(Self { store: OnceLock::new(), folder: Some(folder.clone()), part: FOLDER_PART })
            }
            BlobPlace::S3 { bucket, prefix } => {
                // Another part of the program may have chosen one; then that one serves.
                drop(rustls::crypto::ring::default_provider().install_default());
                let retry = RetryConfig { retry_timeout: PATIENCE, max_retries: 3, ..RetryConfig::default() };
                let store = AmazonS3Builder::from_env()
                    .with_bucket_name(bucket)
                    .with_retry(retry)
                    .build()
                    .map_err(|cause| BlobsError::S3(cause.to_string()))?;
                Ok(Self::holding(Arc::new(PrefixStore::new(store, prefix.as_str())), S3_PART))
            }
            BlobPlace::Memory => Ok(Self::holding(Arc::new(InMemory::new()), FOLDER_PART)),
            BlobPlace::Unknown => Err(BlobsError::Unknown),
        }
    }

    fn holding(store: Arc<dyn ObjectStore>, part: usize) -> Self {
        Self { store: OnceLock::from(store), folder: None, part }
    }

    /// # Errors
    /// `Unavailable` when the folder cannot be made.
    fn store(&self) -> Result<&dyn ObjectStore> {
        if let (None, Some(folder)) = (self.store.get(), &self.folder) {
            let store = open_folder(folder).map_err(DomainError::unavailable)?;
            return Ok(self.store.get_or_init(|| store).as_ref());
        }
        let store = self.store.get().ok_or_else(|| DomainError::internal("there is no place for files"))?;
        Ok(store.as_ref())
    }
}

/// Makes the folder when it is missing, for nobody else.
fn open_folder(folder: &std::path::Path) -> Result<Arc<dyn ObjectStore>, BlobsError> {
    let refused = |cause: &dyn fmt::Display| BlobsError::Folder {
        folder: folder.display().to_string(),
        cause: cause.to_string(),
    };
    make_folder(folder).map_err(|cause| refused(&cause))?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|cause| refused(&cause))?;
    // What was answered is durable, as in the database.
    Ok(Arc::new(store.with_fsync(true)))
}

fn make_folder(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn path(key: BlobKey) -> Path {
    match key {
        BlobKey::Attachment(id) => Path::from(format!("attachments/{id}")),
        BlobKey::Thumbnail(id) => Path::from(format!("thumbnails/{id}")),
        BlobKey::Avatar(id) => Path::from(format!("avatars/{id}")),
    }
}

fn failed(error: Error) -> DomainError {
    match error {
        Error::NotFound { .. } => DomainError::NotFound("attachment"),
        error => DomainError::unavailable(error),
    }
}

#[async_trait]
impl BlobStore for ObjectBlobs {
    async fn put(&self, key: BlobKey, bytes: Vec<u8>) -> Result<()> {
        self.store()?.put(&path(key), PutPayload::from(bytes)).await.map(drop).map_err(failed)
    }

    async fn begin(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>> {
        let upload = self.store()?.put_multipart(&path(key)).await.map_err(failed)?;
        Ok(Box::new(Writer(Some(WriteMultipart::new_with_chunk_size(upload, self.part)))))
    }

    async fn read(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<Box<dyn BlobReader>> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        let found = self.store()?.get_opts(&path(key), options).await.map_err(failed)?;
        let len = found.range.end - found.range.start;
        Ok(Box::new(Reader { len, parts: found.into_stream() }))
    }

    async fn delete(&self, key: BlobKey) -> Result<()> {
        match self.store()?.delete(&path(key)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// `None` once it was finished.
struct Writer(Option<WriteMultipart>);

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(parts) = &mut self.0 {
            parts.wait_for_capacity(AT_ONCE).await.map_err(failed)?;
            parts.write(bytes);
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<()> {
        match self.0.take() {
            Some(parts) => parts.finish().await.map(drop).map_err(failed),
            None => Ok(()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let (Some(parts), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                if let Err(error) = parts.abort().await {
                    tracing::warn!(%error, "parts of a file that broke off may stay");
                }
            });
        }
    }
}

struct Reader {
    len: u64,
    parts: BoxStream<'static, Result<bytes::Bytes, Error>>,
}

#[async_trait]
impl BlobReader for Reader {
    fn len(&self) -> u64 {
        self.len
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        self.parts.next().await.transpose().map(|part| part.map(Vec::from)).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{entities::ids::AttachmentId, usecases::attachments::read_all};

    const KEY: BlobKey = BlobKey::Attachment(AttachmentId::from_uuid(uuid::Uuid::from_u128(7)));

    async fn holds_what_it_is_given(blobs: &ObjectBlobs) {
        let mut writer = blobs.begin(KEY).await.unwrap();
        let parts: Vec<Vec<u8>> = (0..40).map(|number| vec![number; 20_000]).collect();
        for part in &parts {
            writer.write(part).await.unwrap();
        }
        assert!(blobs.read(KEY, None).await.is_err(), "nothing is there before the end");
        writer.finish().await.unwrap();
        assert_eq!(read_all(blobs, KEY).await.unwrap(), parts.concat());
        let mut part = blobs.read(KEY, Some(19_999..20_001)).await.unwrap();
        assert_eq!((part.len(), part.next().await.unwrap()), (2, Some(vec![0, 1])));
        blobs.put(BlobKey::Avatar(AttachmentId::from_uuid(uuid::Uuid::nil())), vec![1]).await.unwrap();
        blobs.delete(KEY).await.unwrap();
        blobs.delete(KEY).await.unwrap();
        assert!(matches!(blobs.read(KEY, None).await.map(drop), Err(DomainError::NotFound(_))));
    }

    #[tokio::test]
    async fn memory_and_folders_hold_files() {
        holds_what_it_is_given(&ObjectBlobs::open(&BlobPlace::Memory).unwrap()).await;
        let folder = tempfile::tempdir().unwrap();
        let place = BlobPlace::Folder(folder.path().join("new/files"));
        holds_what_it_is_given(&ObjectBlobs::open(&place).unwrap()).await;
        let later = folder.path().join("later");
        let blobs = ObjectBlobs::open(&BlobPlace::Beside(later.clone())).unwrap();
        assert!(!later.exists(), "who sends no files needs no folder");
        holds_what_it_is_given(&blobs).await;
    }

    #[tokio::test]
    async fn what_breaks_off_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = ObjectBlobs::open(&BlobPlace::Folder(folder.path().into())).unwrap();
        let mut writer = blobs.begin(KEY).await.unwrap();
        writer.write(&vec![1; 600_000]).await.unwrap();
        drop(writer);
        let left = || std::fs::read_dir(folder.path().join("attachments")).unwrap().count();
        for _ in 0..100 {
            if left() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} files are left", left());
    }

    /// It is asked for nothing, but what it speaks TLS with is there.
    #[tokio::test]
    async fn a_bucket_is_opened() {
        let place = "s3://bucket/a/prefix/".parse().unwrap();
        assert_eq!(place, BlobPlace::S3 { bucket: "bucket".into(), prefix: "a/prefix".into() });
        ObjectBlobs::open(&place).unwrap();
        for wrong in ["s3://", "ftp://x", "file://relative", "memory://x", "folder", ""] {
            let place = wrong.parse().unwrap();
            assert!(matches!(ObjectBlobs::open(&place), Err(BlobsError::Unknown)), "{wrong}");
        }
    }
}
