use std::sync::Arc;

use async_trait::async_trait;

use super::Database;
use crate::domain::{
    error::{DomainError, Result},
    interfaces::health::Health,
};

/// Whether the file can be read and written.
#[derive(Clone)]
pub struct SqliteHealth(pub(super) Arc<Database>);

#[async_trait]
impl Health for SqliteHealth {
    async fn ready(&self) -> Result<()> {
        let write = self.0.write(|batch| {
            batch.conn.prepare_cached("UPDATE probe SET writes = writes + 1")?.execute(())?;
            Ok(())
        });
        let read = self.0.read(|conn| {
            conn.prepare_cached("SELECT writes FROM probe")?.query_row((), |_| Ok(()))?;
            Ok(())
        });
        let both = async {
            write.await?;
            read.await
        };
        // A file that is damaged cannot serve either.
        both.await.map_err(|error| match error {
            DomainError::Internal(cause) => DomainError::unavailable(cause),
            other => other,
        })
    }
}
