//! A file that appears whole, readable by its owner alone, or not at all. Until it is finished it has another name
//! beside its own.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// Why a file cannot be made, and what to do about it. Nothing was left behind.
#[derive(Debug, Error)]
pub enum NewFileError {
    #[error("{} exists already: choose another name, or move it away", .0.display())]
    Exists(PathBuf),
    #[error("{} cannot be written: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
}

/// Dropped before it was finished, it is gone.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    /// `None` once it has its own name.
    partial: Option<PathBuf>,
    file: File,
}

impl NewFile {
    /// # Errors
    /// When there is something of this name, or none can be made there.
    pub fn create(path: &Path) -> Result<Self, NewFileError> {
        let failed = |error| NewFileError::Io(path.into(), error);
        if path.symlink_metadata().is_ok() {
            return Err(NewFileError::Exists(path.into()));
        }
        let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
        let mut partial = name.to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = path.with_file_name(partial);
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&partial);
        Ok(Self { path: path.into(), partial: Some(partial), file: file.map_err(failed)? })
    }

    /// Where it is while it is not finished.
    pub fn partial(&self) -> &Path {
        self.partial.as_deref().unwrap_or(&self.path)
    }

    /// The open file.
    ///
    /// # Errors
    /// When the process has too many open.
    pub fn file(&self) -> Result<File, NewFileError> {
        self.file.try_clone().map_err(|error| NewFileError::Io(self.path.clone(), error))
    }

    /// Moves it to the disk and gives it its name. Blocks.
    ///
    /// # Errors
    /// When a file of this name has appeared meanwhile, or the disk fails.
    pub fn finish(mut self) -> Result<(), NewFileError> {
        let Some(partial) = &self.partial else { return Ok(()) };
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => NewFileError::Exists(self.path.clone()),
            _ => NewFileError::Io(self.path.clone(), error),
        };
        self.file.sync_all().map_err(failed)?;
        // A link never replaces anything. Some file systems have none: there the name is looked at once more.
        match fs::hard_link(partial, &self.path) {
            Ok(()) => fs::remove_file(partial).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(failed(error)),
            Err(_) if self.path.symlink_metadata().is_ok() => {
                return Err(NewFileError::Exists(self.path.clone()));
            }
            Err(_) => fs::rename(partial, &self.path).map_err(failed)?,
        }
        self.partial = None;
        let directory = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(|error| NewFileError::Io(self.path.clone(), error))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // There is nobody to tell; its name says what it is.
            drop(fs::remove_file(partial));
        }
    }
}
