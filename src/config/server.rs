//! Where the server listens and who may talk to it.

use std::str::FromStr;

use clap::Args;
use ipnet::IpNet;
use url::Url;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerConfig {
    /// Address or host name to listen on
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    pub host: String,

    /// Port to listen on; 0 picks a free one
    #[arg(long, env = "PORT", default_value_t = 3000)]
    pub port: u16,

    /// The address that people type, such as https://chat.example.org; https makes the session cookie Secure
    #[arg(long, env = "PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,

    /// Other web origins that may use the API with the session cookie, with commas between them
    #[arg(long, env = "ALLOWED_ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Vec<Origin>,

    /// Networks of reverse proxies whose X-Forwarded-For is believed, with commas between them
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// Largest HTTP request body in bytes
    #[arg(long, env = "HTTP_MAX_BODY", default_value_t = 1024 * 1024)]
    pub http_max_body: usize,

    /// Seconds after which a connection that takes no more data is closed
    #[arg(long, env = "STALL_SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub stall_seconds: u32,
}

/// A web origin as browsers send it (RFC 6454): scheme, host and port, in lower case, default ports left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = http_url(text)?;
        if url.path() != "/" || url.query().is_some() {
            return Err("must be an origin such as https://chat.example.org, without a path".to_owned());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

/// The server's own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    pub origin: Origin,
    pub https: bool,
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self { origin: text.parse()?, https: http_url(text)?.scheme() == "https" })
    }
}

fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| format!("is not a URL ({error})"))?;
    match (url.scheme(), url.host()) {
        ("http" | "https", Some(_)) => Ok(url),
        _ => Err("must start with http:// or https:// and name a host".to_owned()),
    }
}

/// A network such as `10.0.0.0/8`, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| "must be an address or a network such as 10.0.0.0/8".to_owned())
}
