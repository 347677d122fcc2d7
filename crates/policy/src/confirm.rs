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
        /// An operator says that the session is not gone.
        Dismissed = "dismissed",
    }
}

/// Cases as people ask for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// No verdict yet.
    Open,
    /// With this verdict.
    Ended(Verdict),
}

impl crate::words::Word for CaseState {
    fn members() -> Vec<Self> {
        let ended = Verdict::ALL.map(Self::Ended);
        std::iter::once(Self::Open).chain(ended).collect()
    }

    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended(verdict) => verdict.as_str(),
        }
    }
}

mod cases;
mod poll;
mod streak;
mod unpolled;

pub use cases::{CaseChanges, CaseVerdict, NewCase, Poll, StoppedCase};
pub use poll::{CaseFacts, CaseLeave, poll, poll_job};
pub use unpolled::{ASK_AGAIN, UnpolledCase, rescue};

/// Least time between the end of a poll and the start of the next that counts (R-DEL-2).
pub const SPACING_MIN: SignedDuration = SignedDuration::from_secs(60);

/// Counting polls in a row that confirm a case (R-DEL-3).
pub const POLLS: u32 = 3;

/// How long a case may stay open without a verdict.
pub const CASE_AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// From a poll of a case whose verdict is stopped to the next.
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

/// Sessions suspected within an hour of each other, above which none is called missing unasked (R-WAT-3).
pub const SUSPECTS_MAX: i64 = 5;

/// Time before and after the opening of a case within which other sessions are suspected with it.
pub const SUSPECTED_TOGETHER: SignedDuration = SignedDuration::from_hours(1);

/// Stopped cases that one run lets go on.
pub const ANSWERED_A_RUN: u32 = 5;

/// Cases that one run opens at most: each asks the provider twice a minute. Whoever is left over, the next runs take.
pub const CASES_A_RUN: u32 = 500;

/// Time for which a session is not suspected again that an operator called well.
pub const DISMISSED_FOR: SignedDuration = SignedDuration::from_hours(24);
