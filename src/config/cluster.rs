//! How several nodes of one database reach each other.

use std::{fmt, str::FromStr};

use clap::Args;
use url::Url;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Several nodes")]
pub struct ClusterConfig {
    /// redis://[<user>:<password>@]<host>[:<port>]: who is online and who is typing goes from node to node through this
    /// Redis server instead of through MongoDB, which is quicker
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<RedisUrl>,
}

/// Where a Redis server is. It may hold a password, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl")
    }
}

impl FromStr for RedisUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || "must be redis://<host>, with a port and a password where they are needed".to_owned();
        let url = Url::parse(text.trim()).map_err(|_| wanted())?;
        match (url.scheme(), url.host_str()) {
            ("redis", Some(host)) if !host.is_empty() => Ok(Self(text.trim().to_owned())),
            ("rediss", _) => {
                Err("is rediss://, but this program speaks no TLS to Redis: use redis:// inside of your own \
                                  network, or let stunnel or the like stand between"
                    .to_owned())
            }
            _ => Err(wanted()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RedisUrl;

    #[test]
    fn an_address_is_redis_and_a_host() {
        for text in ["redis://localhost", "redis://user:secret@10.0.0.1:6380/2", " redis://[::1]:6379 "] {
            let url: RedisUrl = text.parse().unwrap();
            assert_eq!(url.as_str(), text.trim());
            assert_eq!(format!("{url:?}"), "RedisUrl", "a password is not printed");
        }
        for text in
            ["", "localhost:6379", "redis://", "redis:///0", "http://localhost", "redis+unix:///run/redis"]
        {
            assert!(text.parse::<RedisUrl>().unwrap_err().starts_with("must be redis://"), "{text}");
        }
        assert!("rediss://localhost".parse::<RedisUrl>().unwrap_err().contains("TLS"));
    }
}
