//! Proving what became of a removal whose end nobody saw.

use super::{Proof, RemovalStep};
use crate::confirm::Answer;
use crate::decision::{Alert, Decision, NewJob};
use crate::ids::RemovalId;
use crate::jobs::{LookAtRemoval, REMOVALS_PROVE};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// A session that still answers so long after the call, is kept: the provider may need a while to remove it.
const KEPT_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// A session is kept at this look at the earliest.
const KEPT_LOOKS: i32 = 3;
/// Then nobody looks any more, and a person must.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// The longest wait between two looks, in minutes; the first is one, and each is twice the one before.
const WAIT_MAX: i64 = 60;

/// What a look after the call proves (`removals.prove`): gone, or still there long after the call, or nothing yet.
/// After a day without proof the removal stays `unknown`, and operators hear of it.
pub fn proved(
    removal: RemovalId,
    called_at: Timestamp,
    number: i32,
    answer: &Answer,
    now: Timestamp,
) -> Decision {
    let mut decision = Decision::nothing(now);
    let since = now.duration_since(called_at);
    let proof = match answer {
        Answer::Gone => Some(Proof::Deleted),
        Answer::Present if since >= KEPT_AFTER && number >= KEPT_LOOKS => Some(Proof::Kept),
        Answer::Present | Answer::Inconclusive { .. } => None,
    };
    if let Some(proof) = proof {
        decision.removals.steps.push(RemovalStep::Settled {
            removal,
            proof,
            note: format!("look {number} after the call: {}", words(answer)),
        });
    } else if since < GIVE_UP_AFTER {
        decision
            .jobs
            .push(job(removal, number.saturating_add(1), now));
    } else {
        decision.alerts.push(Alert {
            code: "removal_unproved",
            subject: format!("removal {removal}"),
            detail: json!({
                "removal": removal, "called_at": called_at, "looks": number, "last_answer": answer,
            }),
        });
    }
    decision
}

/// The job of that look, numbered from 1; the same number is the same job.
pub(super) fn job(removal: RemovalId, number: i32, now: Timestamp) -> NewJob {
    let run_at = now.checked_add(wait(number)).unwrap_or(Timestamp::MAX);
    NewJob {
        kind: REMOVALS_PROVE,
        cause: format!("{}@{removal}/{number}", REMOVALS_PROVE.name),
        workspace: None,
        account: None,
        run_at,
        payload: json!(LookAtRemoval { removal, number }),
    }
}

/// An answer, for people.
pub(super) fn words(answer: &Answer) -> &str {
    match answer {
        Answer::Present => "200",
        Answer::Gone => "404 Account not found",
        Answer::Inconclusive { why } => why,
    }
}

/// The wait before that look.
fn wait(number: i32) -> SignedDuration {
    let doublings = u32::try_from(number.saturating_sub(1)).unwrap_or(0);
    let minutes = 2_i64.saturating_pow(doublings);
    SignedDuration::from_mins(minutes.min(WAIT_MAX))
}

#[cfg(test)]
mod tests;
