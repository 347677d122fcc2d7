//! How to reach PostgreSQL: one pool, TLS verified, every wait bounded.

use crate::StoreError;
use crate::discarded::Discarded;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, QueueMode};
use deadpool_postgres::{RecyclingMethod, Runtime, Timeouts};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A server that answers nothing for this long is gone, and its connections with it.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Config {
    /// `postgresql://user:password@host:port/database?sslmode=require`. Of several hosts, with a comma between them, the one
    /// that takes writes is used.
    pub url: SecretString,
    /// Certificates to trust, PEM; the system's if none.
    pub ca_file: Option<PathBuf>,
    /// Connections at most.
    pub connections_max: usize,
    /// Shown in `pg_stat_activity`.
    pub application_name: String,
    /// A statement that runs longer is cancelled by the server.
    pub statement_timeout: Duration,
}

impl Config {
    /// A configuration with the usual limits.
    pub fn new(url: SecretString, application_name: &str) -> Self {
        Self {
            url,
            ca_file: None,
            connections_max: 16,
            application_name: application_name.to_owned(),
            statement_timeout: Duration::from_mins(1),
        }
    }

    /// Checks the URL without connecting; the error never shows the password.
    pub fn check(&self) -> Result<(), StoreError> {
        self.parsed().map(|_| ())
    }

    /// Host and port of the server, and whether TLS is tried; none for one that is reached through a file.
    pub fn place(&self) -> Result<Option<(String, u16, bool)>, StoreError> {
        let parsed = self.parsed()?;
        let port = parsed.get_ports().first().copied().unwrap_or(5432);
        let is_tls = parsed.get_ssl_mode() != SslMode::Disable;
        let address = parsed.get_hostaddrs().first().map(ToString::to_string);
        let named = parsed.get_hosts().first().and_then(|host| match host {
            Host::Tcp(name) => Some(name.clone()),
            Host::Unix(_) => None,
        });
        Ok(address.or(named).map(|host| (host, port, is_tls)))
    }

    pub(crate) fn parsed(&self) -> Result<tokio_postgres::Config, StoreError> {
        // The parser's own message may quote the URL, and with it the password.
        let mut config =
            tokio_postgres::Config::from_str(self.url.expose_secret()).map_err(|_| {
                StoreError::Config(
                    "must look like postgresql://user:password@host:port/database".to_owned(),
                )
            })?;
        if config.get_hosts().is_empty() || config.get_dbname().is_none() {
            return Err(StoreError::Config(
                "must name a host and a database".to_owned(),
            ));
        }
        if config.get_ssl_mode() == SslMode::Prefer && !is_local(&config) {
            // The driver's default would go on in plain text, silently.
            config.ssl_mode(SslMode::Require);
        }
        config
            .application_name(&self.application_name)
            // After a failover the address may lead to the demoted server for a while: no connection is made to that.
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(Duration::from_secs(5))
            .tcp_user_timeout(SILENCE_MAX)
            .keepalives_idle(SILENCE_MAX / 2)
            .keepalives_interval(SILENCE_MAX / 4)
            .options(self.options());
        Ok(config)
    }

    /// Limits that the server keeps for each connection, by its names of them.
    pub(crate) fn limits(&self) -> [(&'static str, Duration); 3] {
        [
            ("statement_timeout", self.statement_timeout),
            ("lock_timeout", Duration::from_secs(5)),
            (
                "idle_in_transaction_session_timeout",
                Duration::from_secs(20),
            ),
        ]
    }

    fn options(&self) -> String {
        let limits = self.limits();
        let limits = limits.map(|(name, limit)| format!("-c {name}={}ms", limit.as_millis()));
        format!(
            "{} -c jit=off -c client_min_messages=error",
            limits.join(" ")
        )
    }

    pub(crate) fn tls(&self) -> Result<MakeRustlsConnect, StoreError> {
        let mut roots = rustls::RootCertStore::empty();
        if let Some(file) = &self.ca_file {
            let why = |error: String| {
                StoreError::Config(format!(
                    "read certificates from {}: {error}",
                    file.display()
                ))
            };
            let pem = rustls_native_certs::load_certs_from_paths(Some(file), None);
            if let Some(error) = pem.errors.first() {
                return Err(why(error.to_string()));
            }
            if pem.certs.is_empty() {
                return Err(why("no certificate in it".to_owned()));
            }
            roots.add_parsable_certificates(pem.certs);
        } else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| StoreError::Config(format!("set up TLS: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(client))
    }

    /// A pool that hands out no connection of `discarded`.
    pub(crate) fn pool(&self, discarded: &Arc<Discarded>) -> Result<Pool, StoreError> {
        let manager = Manager::from_config(
            self.parsed()?,
            self.tls()?,
            ManagerConfig {
                // deadpool hands on open transactions, as measured; but a transaction gives its connection back only when it
                // is over, and nobody leaves a setting, a cursor, a lock or a temporary table behind. So nothing is asked: a
                // ROLLBACK outside a transaction is a line in the server's log each time.
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let limit = Some(Duration::from_secs(10));
        let discarded = Arc::clone(discarded);
        Pool::builder(manager)
            .max_size(self.connections_max)
            // The connection that was used last: it has what it planned and compiled at hand, and its pages in the caches. In
            // turns, each would plan and compile for itself what a few can do.
            .queue_mode(QueueMode::Lifo)
            .pre_recycle(Hook::sync_fn(move |_, connection| {
                if discarded.keeps(connection.created) {
                    Ok(())
                } else {
                    Err(HookError::message("discarded"))
                }
            }))
            .timeouts(Timeouts {
                wait: limit,
                create: limit,
                recycle: limit,
            })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Config(format!("build the connection pool: {error}")))
    }
}

fn is_local(config: &tokio_postgres::Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        Host::Unix(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_is_never_spoken_to_in_plain_text_unless_told_so() {
        for (url, expected) in [
            ("postgresql://u@127.0.0.1/d", SslMode::Prefer),
            ("postgresql://u@[::1]/d", SslMode::Prefer),
            ("postgresql://u@localhost/d", SslMode::Prefer),
            ("postgresql://u@db.example.com/d", SslMode::Require),
            ("postgresql://u@10.0.0.1/d?sslmode=prefer", SslMode::Require),
            (
                "postgresql://u@10.0.0.1/d?sslmode=disable",
                SslMode::Disable,
            ),
        ] {
            let config = Config::new(SecretString::from(url), "test");
            let mode = config.parsed().expect("a good URL").get_ssl_mode();
            assert_eq!(mode, expected, "{url}");
        }
    }
}
