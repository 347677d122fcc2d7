//! Steps and ends of a run of the status watch.

use crate::ids::{AccountId, CaseId, StopId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A step of one run of the status watch; `slot` names the run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStep {
    /// Some pages of sessions were read and written.
    Listed {
        /// Slot of the run.
        slot: Timestamp,
        /// Number under which they were written: only from now on they count.
        writer: i32,
        /// How many were written.
        sessions: u64,
        /// Items of these pages that could not even be named: absence from the list may be theirs.
        unnamed: u32,
        /// These were the last pages.
        is_complete: bool,
    },
    /// The listing says nothing: the run ends without a comparison (R-WAT-3).
    Inconclusive {
        /// Slot of the run.
        slot: Timestamp,
        /// Explanation for people, kept with the run.
        why: String,
    },
    /// The whole run was judged, once.
    Judged {
        /// Slot of the run.
        slot: Timestamp,
        /// Whether its new losses are stopped.
        verdict: RunVerdict,
        /// Accounts with a linked session.
        watched: i64,
        /// Jobs that apply it; without any the run ends here.
        shares: u32,
        /// Losses stopped earlier that this run applies.
        released: Vec<StopId>,
        /// Stopped cases whose next poll may end them.
        cases: Vec<CaseId>,
    },
    /// The proposals of one share were dealt with.
    Handled {
        /// Slot of the run.
        slot: Timestamp,
        /// Accounts whose proposals these were.
        accounts: Vec<AccountId>,
        /// End of the run, if this was its last share.
        outcome: RunOutcome,
    },
    /// Losses that an operator accepted were dealt with, between two runs.
    Accepted {
        /// Accounts whose losses these were.
        accounts: Vec<AccountId>,
    },
}

crate::words! {
    /// End of a run of the status watch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RunOutcome {
        /// All of the run was applied.
        Applied = "applied",
        /// The mass-change breaker stopped its new losses; everything else was applied (R-WAT-3).
        Aborted = "aborted",
    }
}

/// Judgement of a whole run (R-WAT-3). Everything but new losses goes on whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "VerdictFields", into = "VerdictFields")]
pub enum RunVerdict {
    /// New losses are applied.
    Apply,
    /// They are stopped, each by name; also what a run carries before it is judged.
    Abort,
}

impl RunVerdict {
    /// End of a run with this judgement, once all of it is handled.
    pub const fn outcome(self) -> RunOutcome {
        match self {
            Self::Apply => RunOutcome::Applied,
            Self::Abort => RunOutcome::Aborted,
        }
    }
}

/// Fields of a verdict in the payload of `status.apply`, as version 1 has them.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct VerdictFields {
    #[serde(default)]
    apply_losses: bool,
    #[serde(default)]
    open_cases: bool,
}

impl From<VerdictFields> for RunVerdict {
    fn from(fields: VerdictFields) -> Self {
        let VerdictFields {
            apply_losses,
            open_cases,
        } = fields;
        if apply_losses && open_cases {
            Self::Apply
        } else {
            Self::Abort
        }
    }
}

impl From<RunVerdict> for VerdictFields {
    fn from(verdict: RunVerdict) -> Self {
        let applies = verdict == RunVerdict::Apply;
        Self {
            apply_losses: applies,
            open_cases: applies,
        }
    }
}

#[cfg(test)]
mod tests;
