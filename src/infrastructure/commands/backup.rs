use super::{CommandError, say};
use crate::{
    adapters::gateways::sqlite::SqliteBackup,
    config::{data::BackupOptions, database::DatabaseUrl},
    infrastructure::database::StorageError,
};

pub(super) async fn run(options: &BackupOptions, stop: impl Future<Output = ()>) -> Result<(), CommandError> {
    let path = match options.database.url() {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Mongo(_) => return Err(CommandError::NotAFile),
        DatabaseUrl::Unknown => return Err(StorageError::Unknown.into()),
    };
    let opened = SqliteBackup::open(&path).map_err(StorageError::from)?;
    let (file, backup) = (options.file.clone(), opened);
    let interrupt = backup.interrupt_handle();
    let mut work = tokio::task::spawn_blocking(move || backup.write(&file));
    let (outcome, interrupted) = tokio::select! {
        outcome = &mut work => (outcome, false),
        () = stop => {
            interrupt.interrupt();
            // It takes away what it has written.
            (work.await, true)
        }
    };
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(_)) if interrupted => return Err(CommandError::Interrupted),
        Ok(Err(error)) => return Err(error.into()),
        Err(error) => return Err(CommandError::Failed(error.to_string())),
    }
    say(&format!("backed up {} to {}", path.display(), options.file.display()));
    Ok(())
}
