//! What can go wrong with a connection.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a connection did not come up, or came down. Says what was attempted; the source says what went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// Shown without the address, which holds the password.
    #[error("read the broker's address: it is not amqp[s]://user:password@host:port/vhost")]
    Address,
    /// The CA file is missing or not text.
    #[error("read the broker's CA file {}", path.display())]
    CaFile {
        /// As configured.
        path: PathBuf,
        /// From the file system.
        source: io::Error,
    },
    /// The network, TLS, the login or the vhost.
    #[error("connect to the broker")]
    Connect(#[source] lapin::Error),
    /// The broker, or what stands in front of it, accepted and then said nothing.
    #[error("{attempted}: no answer within {within:?}")]
    Timeout {
        /// What was waited for.
        attempted: &'static str,
        /// How long.
        within: Duration,
    },
    /// 406: somebody declared it differently. Waiting does not help.
    #[error(
        "declare {what} `{name}`: it exists with other arguments; delete it (`rabbitmqctl delete_queue {name}`, \
         or the management page) and it is declared anew; its jobs are rows and are rung again"
    )]
    Mismatch {
        /// `queue` or `exchange`.
        what: &'static str,
        /// With its prefix.
        name: String,
    },
    /// Any other refusal while declaring.
    #[error("declare {what} `{name}`")]
    Declare {
        /// `queue`, `exchange` or `binding`.
        what: &'static str,
        /// With its prefix.
        name: String,
        /// From the broker.
        source: lapin::Error,
    },
    /// One step on a channel failed.
    #[error("{attempted}")]
    Channel {
        /// The step.
        attempted: &'static str,
        /// From the broker.
        source: lapin::Error,
    },
    /// The connection or a consumer ended; the text says how that showed.
    #[error("stay connected to the broker: {0}")]
    Ended(String),
}

/// The error and all its sources, in one line, for the one place that logs it.
pub(crate) fn chain(error: &BrokerError) -> String {
    let mut line = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        source = inner.source();
    }
    line
}
