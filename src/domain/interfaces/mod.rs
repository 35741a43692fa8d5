//! The ports: what the use cases need from the world, one trait a file. Unless a method says otherwise, every
//! fallible one may answer `Unavailable` (try again later) or `Internal` (the cause goes to the log).

pub mod account_repository;
pub mod archive;
pub mod archive_file;
pub mod attachment_repository;
pub mod blob_store;
pub mod change_feed;
pub mod clock;
pub mod conversation_repository;
pub mod event_publisher;
pub mod health;
pub mod id_generator;
pub mod invite_repository;
pub mod media;
pub mod message_repository;
pub mod node_registry;
pub mod password_hasher;
pub mod password_screen;
pub mod progress;
pub mod rate_limiter;
pub mod session_cache;
pub mod session_repository;
pub mod signal_bus;
pub mod upload_source;
pub mod user_repository;
