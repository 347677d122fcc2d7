//! One look at an account whose session a send was refused for (R-CAP-7, R-ST-2, R-WAT-3).

use crate::account::{Cause, Flip, Status, allowed};
use crate::decision::{Alert, Decision, NewJob};
use crate::jobs::{ACCOUNT_CHECK, ACCOUNT_VERIFY, VerifyAccount};
use crate::session::Session;
use crate::verify::{AccountRow, Probe, VerificationFacts, is_due, look_at_owner};
use crate::watch::{Implied, implied, loss_threshold};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What a look at one account found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Account before its session was asked.
    pub known: VerificationFacts,
    /// What `GET /accounts/{id}` told of its session.
    pub answer: Probe,
    /// Before the session was asked, by the database's clock.
    pub observed_at: Timestamp,
    /// The refusal that asked for the look.
    pub code: String,
    /// Accounts that such looks called lost in the last hour, this one excluded.
    pub losses_last_hour: i64,
    /// Accounts with a linked session.
    pub fleet: i64,
}

/// What one look may change: as the status watch would, and no more of it in an hour than the watch in a run.
///
/// A refused send is a hint; only the session's own health flips an account, or a checkpoint, which the provider says to
/// whoever asks. An absent session and anything inconclusive flip nothing: absence is proved by the status watch's
/// complete list and by cases. Whose session it is, is looked at first (R-ST-6).
pub fn check(checked: &Checked, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    if checked.observed_at < checked.known.row.since {
        // News from before the last flip is dropped (R-ST-2).
        return decision;
    }
    match &checked.answer {
        Probe::Answered(session) if checked.known.row.session.as_ref() == Some(&session.id) => {
            look(checked, session, &mut decision);
        }
        Probe::Checkpoint(word) => confirm(checked, word, &mut decision),
        Probe::Answered(_) | Probe::Gone | Probe::Inconclusive(_) => {}
    }
    decision
}

fn look(checked: &Checked, session: &Session, decision: &mut Decision) {
    let VerificationFacts {
        row,
        prior,
        is_held,
        attempt: _,
        checkpoint: _,
    } = &checked.known;
    let attempt = checked.known.attempt_state(decision.at);
    let (changes, stranger) = look_at_owner(row, session, *is_held);
    decision.status = changes;
    decision.alerts.extend(stranger);
    let seen = || evidence(checked, json!({ "sources": session.words }));
    match implied(row.status, attempt, session.health) {
        Implied::Agrees if checked.code == CHECKPOINT && row.status == Status::Connected => {
            confirm(checked, "", decision);
        }
        Implied::Loss(to, cause) => {
            lose(checked, (to, cause), (seen(), None), decision);
        }
        Implied::Verify if is_due(row, prior.as_ref(), decision.at) => {
            decision.jobs.push(verify_job(row, decision.at));
        }
        Implied::Agrees | Implied::Verify => {}
        Implied::Unknown => decision.alerts.push(Alert {
            code: "unknown_status",
            subject: ACCOUNT_CHECK.name.to_owned(),
            detail: seen(),
        }),
    }
}

/// Type of a refusal that asks the owner to confirm something.
const CHECKPOINT: &str = "checkpoint_error";

/// Asks the owner to confirm, in the provider's word for it.
fn confirm(checked: &Checked, word: &str, decision: &mut Decision) {
    let answer = checked.known.checkpoint_answer(word);
    if let Some(turn) = checked.known.turn(answer, decision.at) {
        let seen = evidence(checked, json!({ "checkpoint": word }));
        lose(checked, turn, (seen, Some(word.to_owned())), decision);
    }
}

/// Flips the account, within the breaker.
fn lose(
    checked: &Checked,
    (to, cause): (Status, Cause),
    (seen, checkpoint): (Value, Option<String>),
    decision: &mut Decision,
) {
    let row = &checked.known.row;
    if let Err(forbidden) = allowed(Some(row.status), to) {
        decision.alerts.push(Alert {
            code: "forbidden_transition",
            subject: format!("account {}", row.account),
            detail: json!({ "error": forbidden.to_string() }),
        });
    } else if checked.losses_last_hour.saturating_add(1) > loss_threshold(checked.fleet) {
        decision.alerts.push(mass_change(checked, to));
    } else {
        decision.status.flips.push(Flip {
            account: row.account,
            version: row.version,
            from: row.status,
            to,
            cause,
            observed_at: checked.observed_at,
            evidence: seen,
            link: None,
            checkpoint,
        });
    }
}

/// The subject is the kind of look, so that trouble that lasts counts one alert up.
fn mass_change(checked: &Checked, to: Status) -> Alert {
    Alert {
        code: "mass_change",
        subject: ACCOUNT_CHECK.name.to_owned(),
        detail: json!({
            "account": checked.known.row.account,
            "to": to,
            "losses_last_hour": checked.losses_last_hour,
            "watched": checked.fleet,
            "threshold": loss_threshold(checked.fleet),
        }),
    }
}

fn verify_job(row: &AccountRow, now: Timestamp) -> NewJob {
    let account = row.account;
    let (name, version) = (ACCOUNT_VERIFY.name, row.version);
    NewJob {
        kind: ACCOUNT_VERIFY,
        cause: format!("{name}@{account}/v{version}/check/{now}"),
        workspace: Some(row.workspace),
        account: Some(account),
        run_at: now,
        payload: json!(VerifyAccount { account }),
    }
}

fn evidence(checked: &Checked, seen: Value) -> Value {
    let mut evidence = json!({
        "source": ACCOUNT_CHECK.name,
        "session": checked.known.row.session,
        "refused_with": checked.code,
        "observed_at": checked.observed_at,
    });
    if let (Value::Object(evidence), Value::Object(seen)) = (&mut evidence, seen) {
        evidence.extend(seen);
    }
    evidence
}

#[cfg(test)]
mod tests;
