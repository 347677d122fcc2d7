//! How long what a list says is news (R-WAT-5).

use jiff::SignedDuration;
use policy::listing::NEWS_LIFE;
use std::time::Duration;
use store::ClockReading;

/// Least time of a machine that a run has between its steps: a fast clock leaves little of a period.
const MACHINE_TIME: Duration = Duration::from_secs(20);

/// Age from which on a list, or a listing that rests, is no news.
pub(crate) fn news_max(now: ClockReading) -> SignedDuration {
    NEWS_LIFE.max(now.after_machine(MACHINE_TIME).duration_since(now.at))
}
