//! Where the provider is, our key, and the limits of each call.

use policy::sends::lateness::CALL_TIMEOUT;
use secrecy::SecretString;
use std::time::Duration;

/// What a client needs. Its `Debug` hides the key.
#[derive(Clone, Debug)]
pub struct Config {
    /// Scheme, host and port (`https://api1.unipile.com:13111`); the client adds `/api/v1`.
    pub base_url: String,
    /// The access token.
    pub api_key: SecretString,
    /// For name look-up, connection and handshake.
    pub connect_timeout: Duration,
    /// For the whole call, body included.
    pub total_timeout: Duration,
    /// Longest body that is read; a page of 250 sessions is some 300 kB.
    pub body_bytes_max: usize,
    /// Certificates (PEM) to trust instead of this machine's own.
    pub ca_pem: Option<Vec<u8>>,
}

impl Config {
    /// The usual limits: 3 s to connect, 20 s in all, 4 MiB.
    pub fn new(base_url: impl Into<String>, api_key: SecretString) -> Self {
        Self {
            base_url: base_url.into(),
            api_key,
            connect_timeout: Duration::from_secs(3),
            total_timeout: CALL_TIMEOUT,
            body_bytes_max: 4 << 20,
            ca_pem: None,
        }
    }
}

/// A configuration with which no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not a URL of the expected form.
    #[error(
        "the provider's base URL must be http:// or https:// with a host, without user, query or fragment"
    )]
    BaseUrl,
    /// Empty, or with characters that no header can carry.
    #[error("the provider's API key is empty or cannot be sent in a header")]
    ApiKey,
    /// A limit of nothing.
    #[error("the provider's time and size limits must be more than zero")]
    Limit,
    /// The PEM holds no certificate, or a bad one.
    #[error("the provider's CA file holds no usable certificate")]
    Ca,
    /// Nothing to trust, and an https URL.
    #[error("this machine has no trusted root certificates; name a CA file for the provider")]
    NoRoots,
    /// TLS could not be set up.
    #[error("set up TLS towards the provider")]
    Tls(#[from] rustls::Error),
    /// The HTTP client could not be made.
    #[error("set up the HTTP client towards the provider")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}
