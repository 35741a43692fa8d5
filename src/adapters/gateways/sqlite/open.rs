//! Opening a file: look first, write later, and say in one sentence what is wrong.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read},
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use thiserror::Error;

use super::{archive, schema};

/// Larger files are not read through at the start: it would take seconds for each gigabyte.
const CHECKED_BYTES: u64 = 256 << 20;

/// How often to look whether the lock is free.
const LOCK_INTERVAL: Duration = Duration::from_millis(50);

/// How long to wait for another program that has the file locked for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a database cannot be opened, and what to do about it. Nothing was written to the file.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("the directory {} for the database does not exist: create it, or choose another place with DATA_DIR or DATABASE_URL", .0.display())]
    NoDirectory(PathBuf),
    #[error("the directory {} for the database cannot be written to ({}): give this user the right to write there, or choose another place with DATA_DIR or DATABASE_URL", .0.display(), .1)]
    DirectoryNotWritable(PathBuf, io::Error),
    #[error("the database {} is read-only: give this user the right to write to it (chmod u+w)", .0.display())]
    ReadOnly(PathBuf),
    #[error("the database {} is locked by another process: stop the other server or program that uses it", .0.display())]
    Locked(PathBuf),
    #[error("{} is not a ChatConnect database: move it away, or choose another file with DATABASE_URL", .0.display())]
    NotADatabase(PathBuf),
    #[error("the database {} is corrupted ({}): put a backup in its place; it was left as it is", .0.display(), .1)]
    Corrupted(PathBuf, String),
    #[error("the database {} was written by a newer version (format {}, this program knows {}): start that version, or put an older backup in its place", .0.display(), .1, .2)]
    Newer(PathBuf, i32, i32),
    #[error("the database {} was written by an older version: start the server on it once, which brings it forward", .0.display())]
    Older(PathBuf),
    #[error("there is no database {}: name another one with DATA_DIR or DATABASE_URL", .0.display())]
    Missing(PathBuf),
    #[error("the database {} holds an unfinished import from {}: give the same command again, which goes on with it, or remove the file and begin anew", .0.display(), .1)]
    Unfinished(PathBuf, String),
    #[error("the disk of the database {} is full: make room on it", .0.display())]
    DiskFull(PathBuf),
    #[error("the database {} cannot be opened: {}; look at its permissions and its disk", .0.display(), .1)]
    Other(PathBuf, String),
}

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Serving,
    /// Also a file that is half filled.
    Filling,
}

/// The connection that writes, and what holds the lock on the file as long as it lives.
pub(super) struct Opened {
    pub conn: Connection,
    pub lock: File,
}

/// The file behind links, so that everybody who means the same file looks for the same lock and the same log.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, OpenError> {
    let directory = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(OpenError::NotADatabase(path.into())),
    };
    let Some(name) = path.file_name() else { return Err(OpenError::NotADatabase(path.into())) };
    if !directory.is_dir() {
        return Err(OpenError::NoDirectory(directory.into()));
    }
    let resolved = path.canonicalize().or_else(|_| Ok(directory.canonicalize()?.join(name)));
    resolved.map_err(|error: io::Error| OpenError::Other(path.into(), error.to_string()))
}

/// Opens the file, creates it readable by its owner alone when it is not there, and brings it to the newest schema.
pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Opened, OpenError> {
    let exists = look(path)?;
    // Asked of the mode, because root may write anyway, and whoever took the right away meant it.
    if path.metadata().is_ok_and(|metadata| metadata.permissions().readonly()) {
        return Err(OpenError::ReadOnly(path.into()));
    }
    let lock = lock(path)?;
    if exists {
        inspect(path, purpose)?;
    } else {
        create(path)?;
    }
    let mut conn = writer(path).map_err(|error| explain(path, &error))?;
    if conn.is_readonly("main").map_err(|error| explain(path, &error))? {
        return Err(OpenError::ReadOnly(path.into()));
    }
    schema::migrate(&mut conn).map_err(|error| explain(path, &error))?;
    Ok(Opened { conn, lock })
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(BUSY_TIMEOUT)?;
        conn.pragma_update(None, "mmap_size", 64 << 20)?;
        keep_plans(&conn)?;
        conn.set_prepared_statement_cache_capacity(128);
        Ok(conn)
    };
    open().map_err(|error| explain(path, &error))
}

/// A statement that was prepared is not prepared again for other values, which took longer than most queries
/// (<https://www.sqlite.org/queryplanner-ng.html#qpstab>).
fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn writer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    keep_plans(&conn)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.query_row("PRAGMA journal_mode = WAL", (), |_| Ok(()))?;
    // Every commit is synced before it is answered.
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.query_row("PRAGMA journal_size_limit = 67108864", (), |_| Ok(()))?;
    Ok(conn)
}

/// Whether there is a database. Knows what can be told from the outside and the first bytes.
fn look(path: &Path) -> Result<bool, OpenError> {
    let other = |error: io::Error| OpenError::Other(path.into(), error.to_string());
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(other(error)),
    };
    if !metadata.is_file() {
        return Err(OpenError::NotADatabase(path.into()));
    }
    // Just created, maybe by a start that was killed.
    if metadata.len() == 0 {
        return Ok(true);
    }
    let mut header = [0; 16];
    match File::open(path).and_then(|mut file| file.read_exact(&mut header)) {
        Ok(()) if header == *b"SQLite format 3\0" => Ok(true),
        Ok(()) => Err(OpenError::NotADatabase(path.into())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(OpenError::NotADatabase(path.into()))
        }
        Err(error) => Err(other(error)),
    }
}

/// Takes the lock that keeps a second server away. The system frees it when the process ends, however it ends.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(beside(path, ".lock"));
    let file = file.map_err(|error| not_writable(path, error))?;
    let mut patience = BUSY_TIMEOUT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // Whoever restarts a server may be a moment earlier than the end of the old one.
            Err(TryLockError::WouldBlock) if !patience.is_zero() => {
                std::thread::sleep(LOCK_INTERVAL);
                patience = patience.saturating_sub(LOCK_INTERVAL);
            }
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked(path.into())),
            Err(TryLockError::Error(error)) => return Err(OpenError::Other(path.into(), error.to_string())),
        }
    }
}

fn create(path: &Path) -> Result<(), OpenError> {
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    file.map(drop).map_err(|error| not_writable(path, error))
}

/// Reads the file without writing to it or beside it.
fn inspect(path: &Path, purpose: Purpose) -> Result<(), OpenError> {
    let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
    if size(path) == 0 {
        return Ok(());
    }
    // Without a log to look at, SQLite need not create its helper files. With one, the file alone says nothing.
    let logged = size(&beside(path, "-wal")) > 0;
    let look = || -> rusqlite::Result<Result<(), OpenError>> {
        let conn = if logged {
            let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            conn
        } else {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(uri(path), flags)?
        };
        conn.busy_timeout(BUSY_TIMEOUT)?;
        if let Err(error) = recognize(path, &conn)? {
            return Ok(Err(error));
        }
        if purpose == Purpose::Serving
            && let Some(origin) = archive::unfinished(&conn)?
        {
            return Ok(Err(OpenError::Unfinished(path.into(), origin)));
        }
        if size(path) <= CHECKED_BYTES {
            let verdict: String = conn.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
            if verdict != "ok" {
                return Ok(Err(OpenError::Corrupted(path.into(), verdict.replace('\n', " "))));
            }
        }
        Ok(Ok(()))
    };
    look().unwrap_or_else(|error| Err(explain(path, &error)))
}

/// Whether the file is one of ours that this program understands.
fn recognize(path: &Path, conn: &Connection) -> rusqlite::Result<Result<(), OpenError>> {
    let version = schema::version(conn)?;
    let application: i32 = conn.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    Ok(if tables > 0 && application != schema::APPLICATION_ID {
        Err(OpenError::NotADatabase(path.into()))
    } else if version > schema::newest() {
        Err(OpenError::Newer(path.into(), version, schema::newest()))
    } else {
        Ok(())
    })
}

/// A connection to a whole database that is there, which may be served at the same time: for reading all of it. It may
/// write, because the last connection to leave tidies up beside the file, but nothing is written to the data.
pub(super) fn source(path: &Path) -> Result<Connection, OpenError> {
    if !look(path)? {
        return Err(OpenError::Missing(path.into()));
    }
    let open = || -> rusqlite::Result<Result<Connection, OpenError>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(BUSY_TIMEOUT)?;
        if let Err(error) = recognize(path, &conn)? {
            return Ok(Err(error));
        }
        if schema::version(&conn)? < schema::newest() {
            return Ok(Err(OpenError::Older(path.into())));
        }
        Ok(match archive::unfinished(&conn)? {
            Some(origin) => Err(OpenError::Unfinished(path.into(), origin)),
            None => Ok(conn),
        })
    };
    open().unwrap_or_else(|error| Err(explain(path, &error)))
}

pub(super) fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked(path),
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase(path),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupted(path, error.to_string()),
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly(path),
        Some(ErrorCode::DiskFull) => OpenError::DiskFull(path),
        _ => OpenError::Other(path, error.to_string()),
    }
}

fn not_writable(path: &Path, error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::StorageFull => OpenError::DiskFull(path.into()),
        _ => OpenError::DirectoryNotWritable(path.parent().unwrap_or(path).into(), error),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The name of a file that nobody changes meanwhile (<https://www.sqlite.org/uri.html>).
fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri + "?immutable=1"
}
