//! Getting in, staying in, getting out.

pub mod change_password;
pub mod list_sessions;
pub mod login;
pub mod logout;
pub mod register;
pub mod revoke_session;
