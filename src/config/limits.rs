//! How much is allowed.

use std::{num::NonZeroU32, str::FromStr};

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

/// `burst/rate`: this many at once, and then this many a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub burst: NonZeroU32,
    /// Greater than 0.
    pub per_second: f64,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(burst, rate)| {
            let (burst, per_second) = (burst.trim().parse().ok()?, rate.trim().parse::<f64>().ok()?);
            (per_second > 0.0001 && per_second <= 1_000_000.0).then_some(Self { burst, per_second })
        });
        parsed.ok_or_else(|| "must be <burst>/<per second>, such as 50/0.1".to_owned())
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits (burst/per second)")]
pub struct LimitConfig {
    /// `off` is for load tests
    #[arg(long, env = "RATE_LIMITS", default_value = "on")]
    pub rate_limits: Switch,

    /// New accounts from one address
    #[arg(long, env = "RATE_LIMIT_REGISTER", default_value = "100/0.1")]
    pub rate_limit_register: Rate,

    /// Log-ins from one address
    #[arg(long, env = "RATE_LIMIT_LOGIN", default_value = "100/1")]
    pub rate_limit_login: Rate,

    /// Log-ins to one account from one address
    #[arg(long, env = "RATE_LIMIT_LOGIN_ACCOUNT", default_value = "20/0.1")]
    pub rate_limit_login_account: Rate,

    /// Socket.IO handshakes from one address
    #[arg(long, env = "RATE_LIMIT_CONNECT", default_value = "500/50")]
    pub rate_limit_connect: Rate,

    /// Messages of one person
    #[arg(long, env = "RATE_LIMIT_SEND", default_value = "1000/30")]
    pub rate_limit_send: Rate,

    /// Uploads of one person
    #[arg(long, env = "RATE_LIMIT_UPLOAD", default_value = "60/1")]
    pub rate_limit_upload: Rate,

    /// Other changes by one person
    #[arg(long, env = "RATE_LIMIT_WRITE", default_value = "300/30")]
    pub rate_limit_write: Rate,

    /// Questions by one person
    #[arg(long, env = "RATE_LIMIT_READ", default_value = "600/100")]
    pub rate_limit_read: Rate,

    /// Searches by one person
    #[arg(long, env = "RATE_LIMIT_SEARCH", default_value = "60/5")]
    pub rate_limit_search: Rate,

    /// Typing and presence signals of one person
    #[arg(long, env = "RATE_LIMIT_SIGNAL", default_value = "200/20")]
    pub rate_limit_signal: Rate,

    /// Most members of a group
    #[arg(long, env = "GROUP_MAX_MEMBERS", default_value_t = 500, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub group_max_members: u32,
}
