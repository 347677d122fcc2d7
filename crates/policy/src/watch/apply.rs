//! From what a run proposes to what is done.

use crate::account::{Cause, Flip, Status, allowed};
use crate::confirm::NewCase;
use crate::decision::{Alert, Decision, NewJob};
use crate::ids::{AccountId, SessionId, WorkspaceId};
use crate::jobs::{ACCOUNT_VERIFY, VerifyAccount};
use crate::watch::RunVerdict;
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
    /// Its session's health is a word that we do not know.
    Unknown,
}

/// Decides one chunk of a run that [`judge`](super::judge) has judged.
///
/// An aborted run changes nothing; its verifications, which only look, are asked for.
pub fn apply(
    slot: Timestamp,
    rows: Vec<Proposed>,
    verdict: RunVerdict,
    now: Timestamp,
) -> Decision {
    let applies = verdict == RunVerdict::Apply;
    let mut decision = Decision::nothing(now);
    for row in rows {
        match row.class {
            ProposedClass::Loss { to, cause } if applies => {
                lose(&mut decision, slot, &row, to, cause);
            }
            ProposedClass::Absent if applies && may_go_missing(&row) => {
                decision.cases.opened.push(NewCase {
                    evidence: evidence(slot, &row),
                    account: row.account,
                    session: row.session,
                    poll_at: now,
                });
            }
            ProposedClass::Verify => decision.jobs.push(verify_job(slot, &row, now)),
            ProposedClass::Loss { .. } | ProposedClass::Absent | ProposedClass::Unknown => {}
        }
    }
    decision
}

fn lose(decision: &mut Decision, slot: Timestamp, row: &Proposed, to: Status, cause: Cause) {
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
    });
}

fn may_go_missing(row: &Proposed) -> bool {
    let watched = matches!(
        row.from,
        Status::Connected | Status::ReconnectNeeded | Status::Recovering | Status::ActionRequired
    );
    watched && !row.case_open
}

fn verify_job(slot: Timestamp, row: &Proposed, now: Timestamp) -> NewJob {
    let account = row.account;
    NewJob {
        kind: ACCOUNT_VERIFY,
        cause: format!("{}@{account}/v{}/{slot}", ACCOUNT_VERIFY.name, row.version),
        workspace: Some(row.workspace),
        account: Some(account),
        run_at: now,
        payload: json!(VerifyAccount { account }),
    }
}

fn evidence(slot: Timestamp, row: &Proposed) -> Value {
    json!({
        "source": "status.watch",
        "run": slot,
        "session": row.session,
        "sources": row.words,
        "observed_at": row.observed_at,
    })
}

#[cfg(test)]
mod tests;
