//! Cases whose poll died: they are polled again, or end unproved (R-ST-5, R-DEL-2).

use super::{CASE_AGE_MAX, CaseVerdict, Verdict, poll_job};
use crate::decision::{Alert, Decision};
use crate::ids::{AccountId, CaseId, SessionId, WorkspaceId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// From the death of a poll's job to the asking for it again; each death adds as much.
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Open case whose next poll is no job that will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpolledCase {
    /// Case that is open.
    pub case: CaseId,
    /// Account that it is about.
    pub account: AccountId,
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Session that is suspected to be missing.
    pub session: SessionId,
    /// When the case was opened.
    pub opened_at: Timestamp,
    /// Number of the poll that is wanted.
    pub number: u32,
    /// Jobs that were asked for this poll, and died or were discarded.
    pub asked: u32,
    /// Whether its verdict is stopped: it then waits for an answer, however long.
    pub is_stopped: bool,
}

/// Asks again for the polls of these cases. A case without a verdict for a day ends, and a person hears of it: if the
/// session is still absent, the next run opens another.
pub fn rescue(cases: Vec<UnpolledCase>, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    for one in cases {
        if !one.is_stopped && now.duration_since(one.opened_at) > CASE_AGE_MAX {
            decision.alerts.push(expired(&one));
            decision.cases.verdicts.push(CaseVerdict {
                case: one.case,
                verdict: Verdict::Expired,
            });
            continue;
        }
        let mut job = poll_job(one.case, one.number, (one.workspace, one.account), now);
        if one.asked > 0 {
            // The same cause would be the dead job.
            job.cause = format!("{}~{}", job.cause, one.asked);
        }
        decision.jobs.push(job);
    }
    decision
}

fn expired(one: &UnpolledCase) -> Alert {
    Alert {
        code: "case_expired",
        subject: format!("account {}", one.account),
        detail: json!({
            "case": one.case,
            "session": one.session,
            "opened_at": one.opened_at,
            "polls_that_died": one.asked,
        }),
    }
}

#[cfg(test)]
mod tests;
