//! How a permitted removal ends.

use super::{RemovalStep, prove};
use crate::confirm::Answer;
use crate::decision::Decision;
use crate::ids::RemovalId;
use crate::settled::Settled;
use jiff::Timestamp;

/// What became of the one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing left this machine, and why.
    NotSent {
        /// Why.
        why: String,
    },
    /// The call was made. What the provider said of it, in words, and what a `GET` said after it.
    Called {
        /// `200`, `500 errors/…`, `no whole answer came in time`.
        said: String,
        /// The `GET` after it.
        after: Answer,
    },
    /// The worker that was about to call did not live to tell.
    Vanished,
}

crate::words! {
    /// The state that a permitted removal ends in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Proof {
        /// The provider says that it is gone.
        Deleted = "deleted",
        /// Nobody knows.
        Unknown = "unknown",
        /// Nothing was sent.
        NotSent = "not_sent",
        /// The call was made, and the session is still there.
        Kept = "kept",
    }
}

/// Ends a removal whose call was permitted: `deleted` only where a `GET` after the call says exactly gone.
///
/// It raises no alert: the table's own trigger raises one for each change of a removal.
pub fn settle(removal: RemovalId, outcome: &Outcome, now: Timestamp) -> Settled {
    let mut decision = Decision::nothing(now);
    let (proof, note) = match outcome {
        Outcome::NotSent { why } => (Proof::NotSent, why.clone()),
        Outcome::Vanished => (
            Proof::Unknown,
            "the worker that was about to call did not live to tell".to_owned(),
        ),
        Outcome::Called { said, after } => {
            let proof = match after {
                Answer::Gone => Proof::Deleted,
                Answer::Present | Answer::Inconclusive { .. } => Proof::Unknown,
            };
            (
                proof,
                format!("DELETE: {said}; GET after it: {}", prove::words(after)),
            )
        }
    };
    if proof == Proof::Unknown {
        decision.jobs.push(prove::job(removal, 1, now));
    }
    decision.removals.steps.push(RemovalStep::Settled {
        removal,
        proof,
        note,
    });
    Settled {
        decision,
        dead: None,
    }
}

#[cfg(test)]
mod tests;
