//! When a tick is due, and how a fleet-wide scan is cut (R-WAT-1, R-WAT-2).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Shards that accounts and campaigns are spread over.
pub const SHARDS: u16 = 256;

/// An inclusive range of shards, `0..=255` at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShardRange {
    /// First shard.
    pub first: u16,
    /// Last shard, included.
    pub last: u16,
}

impl fmt::Display for ShardRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// Rows that one job of a fleet-wide scan should look at, at most (R-WAT-1).
pub const ROWS_PER_RANGE: u64 = 4096;

/// Cuts all shards into the fewest equal ranges, their number a power of two, that hold at most
/// [`ROWS_PER_RANGE`] of evenly spread rows each; a range of one shard is not cut further.
pub fn ranges(rows: u64) -> Vec<ShardRange> {
    let mut count: u16 = 1;
    while count < SHARDS && rows.div_ceil(u64::from(count)) > ROWS_PER_RANGE {
        count *= 2;
    }
    let width = SHARDS / count;
    let range = |index: u16| ShardRange {
        first: index * width,
        last: index * width + (width - 1),
    };
    (0..count).map(range).collect()
}

/// How often a schedule ticks: a whole number of seconds, counted from the Unix epoch, so that every scheduler
/// names the same ticks (R-WAT-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    seconds: i64,
}

impl Period {
    /// That many minutes; zero does not compile in a constant, and panics elsewhere.
    pub const fn minutes(count: u32) -> Self {
        Self::of(count, 60)
    }

    /// That many hours; zero as with [`Every::minutes`].
    pub const fn hours(count: u32) -> Self {
        Self::of(count, 60 * 60)
    }

    /// That many days of 24 hours; zero as with [`Every::minutes`].
    pub const fn days(count: u32) -> Self {
        Self::of(count, 24 * 60 * 60)
    }

    const fn of(count: u32, unit_seconds: i64) -> Self {
        assert!(count > 0, "a schedule needs a period");
        Self {
            seconds: count as i64 * unit_seconds,
        }
    }

    /// The period.
    pub const fn period(self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds)
    }

    /// The latest tick at or before `now`.
    pub fn slot(self, now: Timestamp) -> Timestamp {
        self.tick(self.index(now))
    }

    /// The first tick after `now`.
    pub fn next(self, now: Timestamp) -> Timestamp {
        self.tick(self.index(now).saturating_add(1))
    }

    fn index(self, now: Timestamp) -> i64 {
        // Seconds of an instant before the epoch are rounded towards it, so count what is left below them as well.
        let second = now.as_second() - i64::from(now.subsec_nanosecond() < 0);
        second.div_euclid(self.seconds)
    }

    /// At either end of what a timestamp can hold, that end.
    fn tick(self, index: i64) -> Timestamp {
        let second = index.saturating_mul(self.seconds);
        let end = if second < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Timestamp::from_second(second).unwrap_or(end)
    }
}

/// Ticks between the last slot that ran and `slot`, neither counted: they collapse into `slot` (R-WAT-2).
pub fn missed(last_slot: Timestamp, slot: Timestamp, every: Period) -> u64 {
    let ticks = every.index(slot).saturating_sub(every.index(last_slot));
    u64::try_from(ticks.saturating_sub(1)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
