//! The settings of `relink api`.

use secrecy::SecretString;
use std::net::SocketAddr;
use std::time::Duration;
use store::guards::ClockKind;

/// Everything that is set, beside what every process has.
#[derive(Clone, Debug)]
pub struct Config {
    /// `RELINK_API_PRODUCT_ADDRESS`.
    pub product: SocketAddr,
    /// `RELINK_API_OPS_ADDRESS`.
    pub ops: SocketAddr,
    /// `RELINK_API_WEBHOOKS_ADDRESS`.
    pub webhooks: SocketAddr,
    /// `RELINK_API_RATE_PER_MINUTE`: requests of each token, and of each address without one; a pod's own count.
    pub rate_per_minute: u32,
    /// `RELINK_API_REQUESTS_MAX`: requests that are answered at once.
    pub requests_max: u32,
    /// `RELINK_API_CONNECTIONS_MAX`: open connections of each listener.
    pub connections_max: u32,
    /// `RELINK_API_READ_SECONDS`: for a request's head, for its body, and for an idle connection.
    pub read_timeout: Duration,
    /// `RELINK_DRAIN_SECONDS`: for what runs when the process is asked to stop.
    pub drain: Duration,
    /// `RELINK_REMOVALS_ENABLED` and `RELINK_STAND_IN_CLOCK`, for the page of gates.
    pub removals: (bool, ClockKind),
    /// `RELINK_WEBHOOK_SECRET` and its predecessor: what the provider's webhooks bear; without one, none is let in.
    pub webhook_secrets: Vec<SecretString>,
}
