//! The one clock: the database's. Rust asks it at the start of a unit of work and passes the answer down.

use crate::error::StoreError;
use crate::migrate;
use crate::row;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

pub(crate) const NOW: Sql = sql!("clock/now");
const LAST_SEEN: Sql = sql!("clock/last_seen");

/// An instant by the database's clock, and how fast that clock runs against the machine's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockReading {
    /// The instant.
    pub at: Timestamp,
    /// Seconds of the clock in one second of the machine; 1 in production.
    pub rate: f64,
}

impl ClockReading {
    /// The instant that a machine's wait of `wait` from now ends: for leases and retry delays, which belong to
    /// machines and not to accounts.
    pub fn after_machine(self, wait: Duration) -> Timestamp {
        let stretched = SignedDuration::from_secs_f64(wait.as_secs_f64() * self.rate);
        self.at.checked_add(stretched).unwrap_or(Timestamp::MAX)
    }

    /// How long a machine must wait until `then`; zero if it is past.
    pub fn machine_wait(self, then: Timestamp) -> Duration {
        let seconds = then.duration_since(self.at).as_secs_f64() / self.rate;
        Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
    }
}

/// A clock for demonstrations and tests. Only the schema's owner can install one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TestClock {
    /// Shows `from` at the moment of installing and runs `rate` times as fast as the machine's.
    Scaled {
        /// What it shows first.
        from: Timestamp,
        /// Its speed.
        rate: f64,
    },
    /// Runs as the machine's, set off by a number of seconds.
    Stepped {
        /// Seconds ahead of the machine's clock.
        ahead_s: i64,
    },
}

/// Replaces `relink.clock()` by `clock`. `url` must be of a role that owns the schema.
pub async fn install(config: &crate::Config, clock: TestClock) -> Result<(), StoreError> {
    let (body, rate) = match clock {
        TestClock::Scaled { from, rate } => (
            format!(
                "select to_timestamp({from_s}) + (clock_timestamp() - ''' || clock_timestamp() || '''::timestamptz) * {rate}",
                from_s = micros_as_seconds(from),
            ),
            rate,
        ),
        TestClock::Stepped { ahead_s } => (
            format!("select clock_timestamp() + interval ''{ahead_s} seconds''"),
            1.0,
        ),
    };
    let statement = format!(
        "do $install$ begin
           execute 'create or replace function relink.clock() returns timestamptz language sql volatile parallel safe as $body${body}$body$';
           execute 'create or replace function relink.clock_rate() returns double precision language sql stable parallel safe as $body$select {rate}::double precision$body$';
         end $install$",
    );
    let client = migrate::connect_as_owner(config).await?;
    client
        .batch_execute(&statement)
        .await
        .map_err(|source| StoreError::Query {
            query: "install a clock",
            source: DriverMessage::of(source),
        })
}

/// The newest instant that any row of the database knows of; none if nothing has happened yet.
pub async fn last_seen(config: &crate::Config) -> Result<Option<Timestamp>, StoreError> {
    let client = migrate::connect_as_owner(config).await?;
    let found = client.query_one(LAST_SEEN.text, &[]).await;
    row::get(
        &found.map_err(|source| StoreError::Query {
            query: LAST_SEEN.name,
            source: DriverMessage::of(source),
        })?,
        "at",
    )
}

fn micros_as_seconds(at: Timestamp) -> String {
    let micros = at.as_microsecond();
    format!(
        "{}.{:06}",
        micros.div_euclid(1_000_000),
        micros.rem_euclid(1_000_000)
    )
}
