//! People and their profiles.

pub mod close_account;
pub mod export_own;
pub mod find_users;
pub mod search_users;
pub mod update_profile;
