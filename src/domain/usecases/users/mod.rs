//! People and their profiles.

pub mod find_users;
pub mod search_users;
pub mod update_profile;
