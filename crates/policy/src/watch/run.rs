//! Steps and ends of a run of the status watch.

use crate::ids::AccountId;
use crate::session::Session;
use jiff::Timestamp;

/// A step of one run of the status watch; `slot` names the run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStep {
    /// Some pages of sessions were read.
    Listed {
        /// Slot of the run.
        slot: Timestamp,
        /// When the reading of these pages began; no sight in them is newer.
        seen_at: Timestamp,
        /// Sessions on these pages.
        sessions: Vec<Session>,
        /// Every cursor that they gave.
        cursors: Vec<String>,
        /// Every item of these pages could at least be named: absence from the list then means something.
        is_whole: bool,
        /// Set when these were the last pages: how many comparing jobs follow.
        complete: Option<u32>,
    },
    /// The listing says nothing: the run ends without a comparison (R-WAT-3).
    Inconclusive {
        /// Slot of the run.
        slot: Timestamp,
        /// Explanation for people.
        why: String,
    },
    /// Some proposals were dealt with.
    Handled {
        /// Slot of the run.
        slot: Timestamp,
        /// Accounts whose proposals these were.
        accounts: Vec<AccountId>,
        /// Set when none is left.
        outcome: Option<RunOutcome>,
    },
}

crate::words! {
    /// End of a run of the status watch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RunOutcome {
        /// Losses and cases of the run were applied.
        Applied = "applied",
        /// The mass-change breaker refused its losses (R-WAT-3).
        Aborted = "aborted",
    }
}
