//! Where the broker is and how long to wait for it.

use crate::BrokerError;
use lapin::tcp::OwnedTLSConfig;
use lapin::uri::{AMQPScheme, AMQPUri};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::time::Duration;

/// Where the broker is. Neither `Debug` nor any error shows the password.
#[derive(Clone, Debug)]
pub struct Config {
    /// `amqp://` or `amqps://`, with user, password and vhost.
    pub url: SecretString,
    /// PEM certificates that are trusted beside the system's own; only `amqps://` looks at them.
    pub ca_file: Option<PathBuf>,
    /// For TCP, TLS and the AMQP handshake together.
    pub connect_timeout: Duration,
    /// How soon a silent peer is noticed; RabbitMQ advises 10 to 20 s. Whole seconds.
    pub heartbeat: Duration,
    /// Stands before every queue's and exchange's name; may be empty.
    pub prefix: String,
}

impl Config {
    /// Checks the URL without connecting; the error never shows the password.
    pub fn check(&self) -> Result<(), BrokerError> {
        self.uri().map(|_| ())
    }

    /// Host, port, whether by TLS, and vhost.
    pub fn place(&self) -> Result<(String, u16, bool, String), BrokerError> {
        let uri = self.uri()?;
        let (host, port) = (uri.authority.host, uri.authority.port);
        let is_tls = uri.scheme == AMQPScheme::AMQPS;
        Ok((host, port, is_tls, uri.vhost))
    }

    pub(crate) fn uri(&self) -> Result<AMQPUri, BrokerError> {
        // The parser's own message may quote the address, and with it the password.
        let mut uri: AMQPUri = self
            .url
            .expose_secret()
            .parse()
            .map_err(|_| BrokerError::Address)?;
        uri.query.heartbeat =
            Some(u16::try_from(self.heartbeat.as_secs().max(1)).unwrap_or(u16::MAX));
        Ok(uri)
    }

    pub(crate) async fn tls(&self) -> Result<OwnedTLSConfig, BrokerError> {
        let Some(path) = &self.ca_file else {
            return Ok(OwnedTLSConfig::default());
        };
        let chain =
            tokio::fs::read_to_string(path)
                .await
                .map_err(|source| BrokerError::CaFile {
                    path: path.clone(),
                    source,
                })?;
        Ok(OwnedTLSConfig {
            identity: None,
            cert_chain: Some(chain),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> Config {
        Config {
            url: url.into(),
            ca_file: None,
            connect_timeout: Duration::from_secs(1),
            heartbeat: Duration::from_secs(10),
            prefix: String::new(),
        }
    }

    #[test]
    fn the_password_is_in_no_error_and_no_debug_output() {
        for url in [
            "http://u:hunter2@host",
            "amqp://u:hunter2@host:port",
            "amqp://u:hunter2%ff@host",
            "hunter2",
        ] {
            let config = config(url);
            let error = config.uri().expect_err(url);
            assert!(
                !format!("{config:?} {error} {error:?}").contains("hunter2"),
                "{url}"
            );
        }
    }

    #[test]
    fn the_heartbeat_goes_into_the_handshake() {
        let uri = config("amqps://u:p@host/%2f").uri().expect("a good url");
        assert_eq!(uri.query.heartbeat, Some(10));
    }
}
