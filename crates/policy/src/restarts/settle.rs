//! What the answer to a restart means (R-LNK-8, R-ST-5).

use super::ladder::GAP;
use super::{RestartChanges, RestartEnd, RestartState, jobs};
use crate::account::{Flip, Status};
use crate::class::Class;
use crate::confirm::NewCase;
use crate::decision::{Alert, Decision, NewJob};
use crate::ids::{RestartId, SessionId};
use crate::jobs::{ACCOUNT_CHECK, CheckAccount, RecoverSession, SESSIONS_RECOVER};
use crate::life::{Answer, Step, cell};
use crate::settled::Settled;
use crate::verify::VerificationFacts;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// From a restart that the provider began to the look whether it helped; the watch comes within five minutes only.
const LOOK_AFTER: SignedDuration = SignedDuration::from_secs(45);

/// How the call of a restart ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestartOutcome {
    /// The provider restarts the session.
    Restarted,
    /// The provider said no.
    Refused {
        /// What that means.
        class: Class,
        /// Status and type of it, in short.
        code: String,
        /// The provider's word for the confirmation that it wants; empty where it has none.
        checkpoint: String,
    },
    /// Nothing left this machine.
    NotSent {
        /// In short why.
        why: String,
    },
    /// Nobody knows whether it happened.
    Unknown {
        /// In short why.
        why: String,
    },
}

/// Account after the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartFacts {
    /// What was asked.
    pub asked: RecoverSession,
    /// The restart that was called.
    pub restart: RestartId,
    /// Session that was restarted.
    pub session: SessionId,
    /// When the right to call was won, by the database's clock.
    pub called_at: Timestamp,
    /// The account as it is now.
    pub known: VerificationFacts,
}

/// Writes the end of the call, and what the answer means for the account: no blame for what is the provider's or ours, the
/// table's step for what it says of the session, a look soon after where the session starts. The next rung is asked for
/// while the account stays `recovering`.
pub fn settle(facts: &RestartFacts, outcome: &RestartOutcome, now: Timestamp) -> Settled {
    let mut decision = Decision::nothing(now);
    let (state, code) = end(outcome);
    decision.restarts = RestartChanges {
        ends: vec![RestartEnd {
            account: facts.asked.account,
            restart: facts.restart,
            state,
            code,
        }],
    };
    if is_as_it_was(facts) {
        match outcome {
            RestartOutcome::Restarted => decision.jobs.push(look(facts, now)),
            RestartOutcome::Refused {
                class,
                code,
                checkpoint,
            } => refused(facts, *class, (code, checkpoint), &mut decision),
            RestartOutcome::NotSent { .. } | RestartOutcome::Unknown { .. } => {}
        }
        if decision.status.flips.is_empty() && facts.asked.by_operator.is_none() {
            let from = now.checked_add(GAP).unwrap_or(Timestamp::MAX);
            decision.jobs.push(jobs::next_job(&facts.known.row, from));
        }
    }
    Settled {
        decision,
        dead: None,
    }
}

fn end(outcome: &RestartOutcome) -> (RestartState, String) {
    match outcome {
        RestartOutcome::Restarted => (RestartState::Restarted, String::new()),
        RestartOutcome::Refused { code, .. } => (RestartState::Refused, code.clone()),
        RestartOutcome::NotSent { why } => (RestartState::NotSent, why.clone()),
        RestartOutcome::Unknown { why } => (RestartState::Unknown, why.clone()),
    }
}

fn is_as_it_was(facts: &RestartFacts) -> bool {
    let row = &facts.known.row;
    row.status == Status::Recovering
        && row.version == facts.asked.version
        && row.session.as_ref() == Some(&facts.session)
}

/// An answer about the session is what the table says of it; one about a call, a key or a limit blames no account.
fn refused(
    facts: &RestartFacts,
    class: Class,
    (code, checkpoint): (&str, &str),
    decision: &mut Decision,
) {
    let answer = match class {
        Class::Reconnect => Answer::Refused,
        Class::Checkpoint => facts.known.checkpoint_answer(checkpoint),
        Class::Gone => Answer::Gone,
        Class::OurKey => return decision.alerts.push(key_refused(facts, code)),
        Class::Restricted
        | Class::Degraded
        | Class::AccountCap
        | Class::ProspectGone
        | Class::AimReached
        | Class::InvitedBefore
        | Class::ProspectLater
        | Class::Transient
        | Class::BadRequest
        | Class::Unsayable
        | Class::Indeterminate
        | Class::Unreadable
        | Class::Mismatch
        | Class::Unknown => return,
    };
    let row = &facts.known.row;
    let attempt = facts.known.attempt_state(decision.at);
    match cell(row.status, attempt, answer).step {
        Step::Flip(to, cause) => decision.status.flips.push(Flip {
            account: row.account,
            version: row.version,
            from: row.status,
            to,
            cause,
            observed_at: facts.called_at,
            evidence: evidence(facts, code),
            link: None,
            checkpoint: (to == Status::ActionRequired).then(|| checkpoint.to_owned()),
        }),
        Step::OpenCase => decision.cases.opened.push(NewCase {
            account: row.account,
            session: facts.session.clone(),
            evidence: evidence(facts, code),
            poll_at: decision.at,
        }),
        Step::Nothing | Step::Alert | Step::Verify | Step::Hold => {}
    }
}

fn evidence(facts: &RestartFacts, code: &str) -> Value {
    json!({
        "source": SESSIONS_RECOVER.name,
        "session": facts.session,
        "restart": facts.restart,
        "refused_with": code,
        "observed_at": facts.called_at,
    })
}

/// Our key is one trouble, whichever account ran into it.
fn key_refused(facts: &RestartFacts, code: &str) -> Alert {
    Alert {
        code: "provider_key",
        subject: SESSIONS_RECOVER.name.to_owned(),
        detail: json!({ "account": facts.asked.account, "restart": facts.restart, "code": code }),
    }
}

/// One `GET`: what is well is verified then, what starts still is left to the watch.
fn look(facts: &RestartFacts, now: Timestamp) -> NewJob {
    let account = facts.asked.account;
    NewJob {
        kind: ACCOUNT_CHECK,
        cause: format!("{}@{account}/restart-{}", ACCOUNT_CHECK.name, facts.restart),
        workspace: Some(facts.known.row.workspace),
        account: Some(account),
        run_at: now.checked_add(LOOK_AFTER).unwrap_or(now),
        payload: json!(CheckAccount {
            account,
            code: "restarted".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests;
