//! Three polls before a session is called missing (R-DEL-2, R-DEL-3).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// What one `GET /accounts/{id}` told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// The session is there (200 with an account object of that very id).
    Present,
    /// Exactly the provider's words for a session that is gone.
    Gone,
    /// Anything else: says nothing about the session.
    Inconclusive {
        /// What it was, in short (`401 errors/missing_credentials`).
        why: String,
    },
}

impl Answer {
    /// Word in `case_polls` and in metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Gone => "gone",
            Self::Inconclusive { .. } => "inconclusive",
        }
    }
}

crate::words! {
    serde:
    /// How a case ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum Verdict {
        /// Three polls found it gone.
        Confirmed = "confirmed",
        /// It answered.
        Recovered = "recovered",
        /// No verdict in time.
        Expired = "expired",
        /// The account moved on; the case is moot.
        Withdrawn = "withdrawn",
    }
}

mod cases;
mod poll;
mod unpolled;

pub use cases::{CaseChanges, CaseVerdict, NewCase, Poll};
pub use poll::{CaseFacts, poll, poll_job};
pub use unpolled::{ASK_AGAIN, UnpolledCase, rescue};

/// Least time between the end of a poll and the start of the next that counts (R-DEL-2).
pub const SPACING_MIN: SignedDuration = SignedDuration::from_secs(60);

/// Counting polls in a row that confirm a case (R-DEL-3).
pub const POLLS: u32 = 3;

/// How long a case may stay open without a verdict.
pub const CASE_AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How long a case waits when too many sessions are suspected at once.
pub const BREAKER_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// Times for which a session is not suspected again after the first, second, … case of a day that it answered.
pub const REOPEN_WAITS: [SignedDuration; 5] = [
    SignedDuration::from_mins(9),
    SignedDuration::from_mins(19),
    SignedDuration::from_mins(39),
    SignedDuration::from_mins(79),
    SignedDuration::from_mins(119),
];

/// Cases of one session that ended `recovered` within 24 h, at which operators hear that a list leaves it out.
pub const UNLISTED_TOLD: i64 = 3;

/// Suspected sessions within 24 h, above which none is called missing (R-WAT-3).
pub const SUSPECTS_MAX: i64 = 5;
