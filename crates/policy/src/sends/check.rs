//! One look at an account whose session a send was refused for (R-CAP-7, R-ST-2, R-WAT-3).

use crate::account::{Cause, Flip, Status, allowed};
use crate::decision::{Alert, Decision, NewJob};
use crate::jobs::{ACCOUNT_CHECK, ACCOUNT_VERIFY, VerifyAccount};
use crate::session::Session;
use crate::verify::{AccountRow, Probe, VerificationFacts, is_due, look_at_owner};
use crate::watch::{
    Implied, NewStop, RUNS_SAY, StandingStop, StopLook, StopState, implied, loss_threshold,
};
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
    /// Accounts lost in the last hour by any way, this one excluded.
    pub losses_last_hour: i64,
    /// Accounts with a linked session, when the newest run was judged.
    pub fleet: i64,
    /// Its loss that the breaker stopped, if one stands.
    pub stop: Option<StandingStop>,
}

/// What one look may change: as the status watch would, within the limit that both share. A loss over it is stopped, and a
/// look at one that is stopped is noted: a run and an operator say what becomes of it (R-WAT-3).
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
    let implied = implied(row.status, attempt, session.health);
    if let Implied::Agrees | Implied::Verify = implied {
        note_look(checked, false, decision);
    }
    match implied {
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

/// Flips the account, within the breaker; or stops the loss, or leaves it to what was stopped before.
fn lose(
    checked: &Checked,
    (to, cause): (Status, Cause),
    (seen, checkpoint): (Value, Option<String>),
    decision: &mut Decision,
) {
    let row = &checked.known.row;
    let standing = checked.stop.as_ref();
    let is_same = standing.is_some_and(|it| (it.to, it.cause) == (to, cause));
    let stands = standing.is_some_and(|it| is_same || it.state != StopState::Refused);
    if let Err(forbidden) = allowed(Some(row.status), to) {
        decision.alerts.push(Alert {
            code: "forbidden_transition",
            subject: format!("account {}", row.account),
            detail: json!({ "error": forbidden.to_string() }),
        });
    } else if stands {
        note_look(checked, is_same, decision);
    } else if is_over(checked) {
        decision.alerts.push(mass_change(checked, to));
        decision.stops.stopped.extend(new_stop(checked, to, cause));
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

/// Whom the breaker does not watch, because nobody is connected there, it does not stop either.
fn is_over(checked: &Checked) -> bool {
    let status = checked.known.row.status;
    let is_watched = !matches!(status, Status::Connecting | Status::Missing);
    is_watched && checked.losses_last_hour.saturating_add(1) > loss_threshold(checked.fleet)
}

/// Only a look after three runs that said the same is one of its own.
fn note_look(checked: &Checked, agrees: bool, decision: &mut Decision) {
    let open = |it: &&StandingStop| it.state == StopState::Open && it.runs >= RUNS_SAY;
    let standing = checked.stop.as_ref().filter(open);
    decision.stops.looks.extend(standing.map(|it| StopLook {
        account: checked.known.row.account,
        stop: it.stop,
        observed_at: checked.observed_at,
        agrees,
    }));
}

fn new_stop(checked: &Checked, to: Status, cause: Cause) -> Option<NewStop> {
    let row = &checked.known.row;
    let words = match &checked.answer {
        Probe::Answered(session) => session.words.clone(),
        Probe::Checkpoint(word) => vec![word.clone()],
        Probe::Gone | Probe::Inconclusive(_) => vec![],
    };
    Some(NewStop {
        account: row.account,
        session: row.session.clone()?,
        version: row.version,
        from: row.status,
        to,
        cause,
        observed_at: checked.observed_at,
        words,
    })
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
            "type": [
                "relink watch list".to_owned(),
                format!("relink watch accept --account {} --reason …", checked.known.row.account),
            ],
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
