//! Sessions and their cookie.

use std::time::Duration;

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sessions")]
pub struct SessionConfig {
    /// Name of the session cookie
    #[arg(long, env = "SESSION_COOKIE_NAME", default_value = "connect.sid", value_parser = cookie_name)]
    pub session_cookie_name: String,

    /// Days after which a session that is not used ends
    #[arg(long, env = "SESSION_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub session_days: u32,

    /// Sessions that are kept in memory in front of the database
    #[arg(long, env = "SESSION_CACHE", default_value_t = 10_000)]
    pub session_cache: u64,
}

impl SessionConfig {
    pub fn lasts(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_days) * 24 * 60 * 60)
    }
}

/// A token of RFC 6265, section 4.1.1.
fn cookie_name(text: &str) -> Result<String, String> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if text.is_empty() || !text.chars().all(token) {
        return Err("must be a cookie name: letters, digits and !#$%&'*+-.^_`|~".to_owned());
    }
    Ok(text.to_owned())
}
