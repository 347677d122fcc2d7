//! Configuration by environment: `RELINK_*`, secrets also by `*_FILE`. Every mistake is listed at once.

mod environment;

pub use environment::Environment;

use crate::log::Format;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Everything that is wrong with the environment, one mistake a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration has {} mistakes:", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|mistake| write!(f, "\n  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

/// Reads settings and collects what is wrong with them.
pub struct Reader<'a> {
    environment: &'a Environment,
    mistakes: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Begins to read.
    pub fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            mistakes: vec![],
        }
    }

    /// Says what is wrong with a setting.
    pub fn mistake(&mut self, name: &str, what: impl fmt::Display) {
        self.mistakes.push(format!("{name}: {what}"));
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        self.environment.value_of(name)
    }

    /// A setting with a default.
    pub fn value<T: FromStr>(&mut self, name: &str, default: T, expected: &str) -> T {
        let Some(raw) = self.raw(name) else {
            return default;
        };
        raw.parse().unwrap_or_else(|_| {
            self.mistake(name, format!("{raw:?} is not {expected}"));
            default
        })
    }

    /// A number within limits; what lies outside is a mistake, not a surprise.
    pub fn number(
        &mut self,
        name: &str,
        default: u32,
        limits: std::ops::RangeInclusive<u32>,
    ) -> u32 {
        let expected = format!("a whole number from {} to {}", limits.start(), limits.end());
        let number = self.value(name, default, &expected);
        if limits.contains(&number) {
            return number;
        }
        self.mistake(name, format!("{number} is not {expected}"));
        default
    }

    /// A number of seconds within limits.
    pub fn seconds(
        &mut self,
        name: &str,
        default: u32,
        limits: std::ops::RangeInclusive<u32>,
    ) -> Duration {
        Duration::from_secs(u64::from(self.number(name, default, limits)))
    }

    /// A path, if set.
    pub fn path(&mut self, name: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.raw(name)?);
        if !path.is_file() {
            self.mistake(name, format!("there is no file {}", path.display()));
        }
        Some(path)
    }

    /// A required secret, from the variable or from the file that `…_FILE` names. Its value is in no message.
    pub fn secret(&mut self, name: &str, what: &str) -> SecretString {
        let file_name = format!("{name}_FILE");
        if self.raw(name).is_none() && self.raw(&file_name).is_none() {
            let why = format!("is missing: {what} (or put it into a file and set {file_name})");
            self.mistake(name, why);
        }
        self.optional_secret(name).unwrap_or_default()
    }

    /// A secret, if it or the file that `…_FILE` names is set. Its value is in no message.
    pub fn optional_secret(&mut self, name: &str) -> Option<SecretString> {
        let file_name = format!("{name}_FILE");
        let found = match (self.raw(name), self.raw(&file_name)) {
            (Some(_), Some(_)) => {
                self.mistake(name, format!("set it or {file_name}, not both"));
                None
            }
            (Some(value), None) => Some(value.to_owned()),
            (None, Some(file)) => match std::fs::read_to_string(file) {
                Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                Ok(_) => {
                    self.mistake(&file_name, format!("the file {file} is empty"));
                    None
                }
                Err(error) => {
                    self.mistake(&file_name, format!("read the file {file}: {error}"));
                    None
                }
            },
            (None, None) => None,
        };
        found.map(SecretString::from)
    }

    /// Everything that was wrong, or what was read.
    pub fn finish<T>(self, read: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() {
            Ok(read)
        } else {
            Err(Mistakes(self.mistakes))
        }
    }

    /// How to reach PostgreSQL.
    pub fn database(&mut self, application_name: &str) -> store::Config {
        let name = "RELINK_DATABASE_URL";
        let url = self.secret(
            name,
            "where PostgreSQL is, like postgresql://user:password@host:5432/relink",
        );
        let mut config = store::Config::new(url, application_name);
        config.ca_file = self.path("RELINK_DATABASE_CA_FILE");
        config.connections_max = self.number("RELINK_DATABASE_CONNECTIONS", 16, 2..=200) as usize;
        if !config.url.expose_secret().is_empty()
            && let Err(error) = config.check()
        {
            self.mistake(name, error);
        }
        config
    }

    /// How to reach RabbitMQ.
    pub fn broker(&mut self) -> broker::Config {
        let name = "RELINK_AMQP_URL";
        let url = self.secret(
            name,
            "where RabbitMQ is, like amqps://user:password@host:5671/relink",
        );
        let config = broker::Config {
            url,
            ca_file: self.path("RELINK_AMQP_CA_FILE"),
            connect_timeout: Duration::from_secs(5),
            heartbeat: self.seconds("RELINK_AMQP_HEARTBEAT_SECONDS", 10, 5..=60),
            prefix: self
                .raw("RELINK_AMQP_PREFIX")
                .unwrap_or_default()
                .to_owned(),
        };
        if !config.url.expose_secret().is_empty()
            && let Err(error) = config.check()
        {
            self.mistake(name, crate::chain(&error));
        }
        config
    }

    /// How to reach the provider.
    pub fn provider(&mut self) -> provider::Config {
        let name = "RELINK_PROVIDER_URL";
        let url = self.raw(name).unwrap_or_default().to_owned();
        if url.is_empty() {
            self.mistake(
                name,
                "is missing: the provider's address, like https://api1.unipile.com:13111",
            );
        }
        let key = self.secret("RELINK_PROVIDER_API_KEY", "the provider's access token");
        let mut config = provider::Config::new(url, key);
        if let Some(file) = self.path("RELINK_PROVIDER_CA_FILE") {
            match std::fs::read(&file) {
                Ok(pem) => config.ca_pem = Some(pem),
                Err(error) => self.mistake("RELINK_PROVIDER_CA_FILE", format!("read it: {error}")),
            }
        }
        config
    }

    /// What every process has.
    pub fn process(&mut self, http: u16) -> Process {
        let address = SocketAddr::from(([127, 0, 0, 1], http));
        let format = match self.raw("RELINK_LOG_FORMAT") {
            None | Some("json") => Format::Json,
            Some("text") => Format::Text,
            Some(other) => {
                self.mistake(
                    "RELINK_LOG_FORMAT",
                    format!("{other:?} is neither json nor text"),
                );
                Format::Json
            }
        };
        Process {
            http: self.value(
                "RELINK_HTTP_ADDRESS",
                address,
                "an address like 0.0.0.0:9464",
            ),
            log_format: format,
            stop_with_stdin: self.value("RELINK_STOP_WITH_STDIN", false, "true or false"),
            log_filter: self.raw("RELINK_LOG").unwrap_or("info").to_owned(),
        }
    }
}

/// What every process has: an address for health and metrics, and logs.
#[derive(Clone, Debug)]
pub struct Process {
    /// `RELINK_HTTP_ADDRESS`.
    pub http: SocketAddr,
    /// `RELINK_LOG_FORMAT`.
    pub log_format: Format,
    /// `RELINK_LOG`.
    pub log_filter: String,
    /// `RELINK_STOP_WITH_STDIN`: the end of standard input stops the process, for processes started by `relink up`.
    pub stop_with_stdin: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn every_mistake_is_listed_at_once_and_no_secret_with_them() {
        let environment = environment(&[
            ("RELINK_DATABASE_URL", "mysql://user:hush-hush@host/db"),
            ("RELINK_DATABASE_CONNECTIONS", "many"),
            ("RELINK_AMQP_URL_FILE", "/nowhere/secret"),
            ("RELINK_AMQP_HEARTBEAT_SECONDS", "1"),
            ("RELINK_HTTP_ADDRESS", "here"),
            ("RELINK_LOG_FORMAT", "xml"),
        ]);
        let mut reader = Reader::new(&environment);
        reader.database("test");
        reader.broker();
        reader.provider();
        reader.process(9464);
        let mistakes = reader.finish(()).expect_err("nothing in it is right");
        let names: Vec<&str> = mistakes
            .0
            .iter()
            .filter_map(|mistake| mistake.split(':').next())
            .collect();
        assert_eq!(
            names,
            [
                "RELINK_DATABASE_CONNECTIONS",
                "RELINK_DATABASE_URL",
                "RELINK_AMQP_URL_FILE",
                "RELINK_AMQP_HEARTBEAT_SECONDS",
                "RELINK_PROVIDER_URL",
                "RELINK_PROVIDER_API_KEY",
                "RELINK_LOG_FORMAT",
                "RELINK_HTTP_ADDRESS",
            ],
            "{mistakes}"
        );
        assert!(!mistakes.to_string().contains("hush-hush"));
    }

    #[test]
    fn a_secret_comes_from_a_variable_or_a_file_but_not_from_both() {
        let file = std::env::temp_dir().join(format!("relink-secret-{}", std::process::id()));
        std::fs::write(&file, "from-file\n").expect("write a file");
        let path = file.to_string_lossy().into_owned();
        let read = |pairs: &[(&str, &str)]| {
            let environment = environment(pairs);
            let mut reader = Reader::new(&environment);
            let secret = reader.secret("RELINK_X", "x");
            reader.finish(secret.expose_secret().to_owned())
        };
        assert_eq!(
            read(&[("RELINK_X_FILE", &path)]).as_deref(),
            Ok("from-file")
        );
        assert_eq!(read(&[("RELINK_X", "plain")]).as_deref(), Ok("plain"));
        assert!(read(&[("RELINK_X", "plain"), ("RELINK_X_FILE", &path)]).is_err());
        assert!(read(&[]).is_err());
        std::fs::remove_file(file).expect("remove the file");
    }
}
