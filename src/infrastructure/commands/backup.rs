use super::{CommandError, databases, say};
use crate::{
    adapters::gateways::sqlite::SqliteBackup,
    config::{data::BackupOptions, database::DatabaseUrl},
};

pub(super) async fn run(options: &BackupOptions, stop: impl Future<Output = ()>) -> Result<(), CommandError> {
    let DatabaseUrl::Sqlite(path) = databases::configured(&options.database);
    let (file, backup) = (options.file.clone(), SqliteBackup::open(&path)?);
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
