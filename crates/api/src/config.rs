//! The settings of `relink api`.

use fleet::config::Reader;
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
}

impl Config {
    /// Reads the environment.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let mut address = |name: &str, port: u16| {
            let default = SocketAddr::from(([127, 0, 0, 1], port));
            reader.value(name, default, "an address like 0.0.0.0:8080")
        };
        Self {
            product: address("RELINK_API_PRODUCT_ADDRESS", 8080),
            ops: address("RELINK_API_OPS_ADDRESS", 8081),
            webhooks: address("RELINK_API_WEBHOOKS_ADDRESS", 8082),
            rate_per_minute: reader.number("RELINK_API_RATE_PER_MINUTE", 600, 1..=600_000),
            requests_max: reader.number("RELINK_API_REQUESTS_MAX", 64, 1..=1_000),
            connections_max: reader.number("RELINK_API_CONNECTIONS_MAX", 512, 1..=10_000),
            read_timeout: reader.seconds("RELINK_API_READ_SECONDS", 10, 1..=120),
            drain: reader.seconds("RELINK_DRAIN_SECONDS", 25, 1..=600),
            removals: reader.removals(),
        }
    }
}
