//! Implementations of the ports.

pub mod archive_file;
pub mod bcrypt_hasher;
pub mod blobs;
pub mod cached_sessions;
pub mod common_passwords;
pub mod fact;
pub mod media;
pub mod memory;
pub mod mongo;
pub mod new_file;
pub mod rate_limits;
pub mod rooms;
pub mod signals;
pub mod socket_publisher;
pub mod sqlite;
pub mod system;
pub mod tutorial;
