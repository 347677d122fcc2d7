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

/// How far the two may lie apart, in seconds of the faster one.
const APART_MAX: f64 = 60.0;

/// Why the database's clock cannot be believed: between the two readings it went backwards, or it differs by more than
/// a minute from what this machine measured. `rate` is how much faster than the machine it runs; where that is more
/// than once, the minute is the machine's.
pub fn clock_disagrees(before: Reading, now: Reading, rate: f64) -> Option<String> {
    if !(rate.is_finite() && rate > 0.0) {
        return Some(format!("a clock cannot run {rate} times as fast"));
    }
    let passed = now.at.duration_since(before.at);
    if passed.is_negative() {
        return Some(format!(
            "the database's clock went back by {:#}",
            passed.abs()
        ));
    }
    let Some(machine) = now.machine.checked_sub(before.machine) else {
        return Some("this machine's readings are out of order".to_owned());
    };
    let expected = machine.as_secs_f64() * rate;
    let passed = passed.as_secs_f64();
    let apart = (passed - expected).abs();
    (apart > APART_MAX * rate.max(1.0)).then(|| {
        format!("the database's clock went on by {passed:.3} s where {expected:.3} s were expected")
    })
}

#[cfg(test)]
mod tests;
