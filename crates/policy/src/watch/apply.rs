//! From what a run proposes to what is done.

use crate::account::{Cause, Flip, Status, allowed};
use crate::confirm::NewCase;
use crate::decision::{Alert, Decision, NewJob};
use crate::holds::{EndedHold, HoldReason, NewHold};
use crate::ids::{AccountId, SessionId, StopId, WorkspaceId};
use crate::jobs::{ACCOUNT_VERIFY, VerifyAccount};
use crate::verify::paced;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Something that a run found out about one account.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// The account.
    pub account: AccountId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// `status_version` of the row that was compared.
    pub version: i64,
    /// Status of the row that was compared.
    pub from: Status,
    /// What was found.
    pub class: ProposedClass,
    /// Its linked session.
    pub session: SessionId,
    /// When the session was listed; for an absent one, when the list was complete.
    pub observed_at: Timestamp,
    /// The provider's own words for the session's sources.
    pub words: Vec<String>,
    /// Whether a case about this session is open already.
    pub case_open: bool,
    /// The stop that was accepted, of a loss that goes on.
    pub stop: Option<AcceptedStop>,
}

/// Stop of a loss that goes on, for the evidence of its flip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedStop {
    /// The stopped loss.
    pub stop: StopId,
    /// Run that stopped it.
    pub first_run: Timestamp,
    /// Operator who accepted it, or `relink`.
    pub by: String,
}

/// What a run found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposedClass {
    /// It cannot send any more.
    Loss {
        /// Status to have.
        to: Status,
        /// Why.
        cause: Cause,
    },
    /// Its session looks well again.
    Verify,
    /// The complete list did not hold its session.
    Absent,
    /// One of its session's words is one that we do not know.
    Unknown,
    /// Another person is behind its session (R-ST-6).
    Stranger,
    /// The known person is behind its session again.
    Returned,
}

/// Decides some rows of a run that [`judge`](super::judge) has judged; losses that it stopped are not among them.
///
/// `together` is how many verifications the whole run asks for.
pub fn apply(slot: Timestamp, rows: Vec<Proposed>, together: usize, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    for row in rows {
        match row.class {
            ProposedClass::Loss { to, cause } => lose(&mut decision, slot, &row, to, cause),
            ProposedClass::Absent if may_go_missing(&row) => {
                decision.cases.opened.push(NewCase {
                    evidence: evidence(slot, &row),
                    account: row.account,
                    session: row.session,
                    poll_at: now,
                });
            }
            ProposedClass::Verify => {
                let at = paced(row.account, together, now);
                decision.jobs.push(verify_job(slot, &row, at));
            }
            ProposedClass::Stranger => hold(&mut decision, slot, &row),
            ProposedClass::Returned => decision.status.ended_holds.push(EndedHold {
                account: row.account,
                reason: HoldReason::WrongAccount,
            }),
            ProposedClass::Absent | ProposedClass::Unknown => {}
        }
    }
    decision
}

pub(super) fn lose(
    decision: &mut Decision,
    slot: Timestamp,
    row: &Proposed,
    to: Status,
    cause: Cause,
) {
    if let Err(forbidden) = allowed(Some(row.from), to) {
        decision.alerts.push(Alert {
            code: "forbidden_transition",
            subject: format!("account {}", row.account),
            detail: json!({ "error": forbidden.to_string(), "run": slot }),
        });
        return;
    }
    decision.status.flips.push(Flip {
        account: row.account,
        version: row.version,
        from: row.from,
        to,
        cause,
        observed_at: row.observed_at,
        evidence: evidence(slot, row),
        link: None,
        checkpoint: None,
    });
}

fn may_go_missing(row: &Proposed) -> bool {
    allowed(Some(row.from), Status::Missing).is_ok() && !row.case_open
}

/// A run proposes a stranger only of an account that is not held for one yet: operators hear of it once.
fn hold(decision: &mut Decision, slot: Timestamp, row: &Proposed) {
    let note = format!("another person is behind the session {}", row.session);
    decision.status.holds.push(NewHold {
        account: row.account,
        reason: HoldReason::WrongAccount,
        until: None,
        note,
    });
    decision.alerts.push(Alert {
        code: "wrong_account",
        subject: format!("account {}", row.account),
        detail: evidence(slot, row),
    });
}

fn verify_job(slot: Timestamp, row: &Proposed, run_at: Timestamp) -> NewJob {
    let account = row.account;
    NewJob {
        kind: ACCOUNT_VERIFY,
        cause: format!("{}@{account}/v{}/{slot}", ACCOUNT_VERIFY.name, row.version),
        workspace: Some(row.workspace),
        account: Some(account),
        run_at,
        payload: json!(VerifyAccount { account }),
    }
}

fn evidence(slot: Timestamp, row: &Proposed) -> Value {
    let mut evidence = json!({
        "source": "status.watch",
        "run": slot,
        "session": row.session,
        "sources": row.words,
        "observed_at": row.observed_at,
    });
    if let Some(AcceptedStop {
        stop,
        first_run,
        by,
    }) = &row.stop
    {
        evidence["stop"] = json!({ "id": stop, "first_run": first_run, "accepted_by": by });
    }
    evidence
}

#[cfg(test)]
mod tests;
