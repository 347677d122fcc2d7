//! A clock that jumped would open the cap early and make looks seem spaced: two clocks must agree.

use jiff::Timestamp;
use std::time::Duration;

/// The database's clock and this machine's, read together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The database's clock.
    pub at: Timestamp,
    /// Time since the process began, which no step of a clock moves.
    pub machine: Duration,
}

/// Why the database's clock cannot be believed: between the two readings it went backwards, or it differs by more than
/// a minute of machine time from what this machine measured. `rate` is how much faster than the machine it runs.
pub fn clock_disagrees(before: Reading, now: Reading, rate: f64) -> Option<String> {
    let _ = (before, now, rate);
    unimplemented!("the helper's part")
}
