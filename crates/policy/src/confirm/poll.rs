//! What one more poll of a case decides.

use super::streak::{Proof, proof};
use super::{
    Answer, BREAKER_WAIT, CASE_AGE_MAX, POLLS, SPACING_MIN, SUSPECTS_MAX, UNLISTED_TOLD, Verdict,
};
use crate::account::{Cause, Flip, Status, allowed};
use crate::confirm::{CaseVerdict, Poll, StoppedCase};
use crate::decision::{Alert, Decision, NewJob, OnMoved};
use crate::holds::{EndedHold, HoldReason, NewHold};
use crate::ids::{AccountId, CaseId, SessionId, WorkspaceId};
use crate::jobs::{ACCOUNT_CHECK, CONFIRM_POLL, CheckAccount, PollCase};
use crate::life::{AttemptState, NewestAttempt, attempt_state};
use crate::verify::AccountRow;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A case, and the poll that was just made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFacts {
    /// The case.
    pub case: CaseId,
    /// The account's row now.
    pub row: AccountRow,
    /// Newest attempt of its owner.
    pub attempt: Option<NewestAttempt>,
    /// The session that is suspected to be missing.
    pub session: SessionId,
    /// When the case was opened.
    pub opened_at: Timestamp,
    /// Its polls so far, in any order.
    pub earlier: Vec<Poll>,
    /// The poll that was just made.
    pub this: Poll,
    /// Accounts with a linked session, when the newest run was judged.
    pub fleet: i64,
    /// Sessions suspected within an hour of this one, itself included; counted to one more than the limit.
    pub suspects: i64,
    /// Cases of this session that ended because it answered, within 24 h, this one not among them.
    pub recovered_24h: i64,
    /// Who lets the case have its verdict.
    pub leave: CaseLeave,
}

/// Who lets a case have its verdict, once its polls stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseLeave {
    /// The breaker, unless too many sessions are suspected with it.
    Breaker,
    /// Nobody yet: the breaker stopped it, and its account is held.
    Stopped,
    /// A run, after it and the two before it left the session out: the next poll that counts.
    Run,
    /// An operator: the next poll that finds the session gone.
    Operator(String),
}

/// Records the poll, and closes the case or asks for the next poll (R-DEL-2, R-DEL-3).
///
/// A poll that is recorded already decides nothing: it was delivered twice.
pub fn poll(facts: &CaseFacts, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    if facts
        .earlier
        .iter()
        .any(|it| it.number == facts.this.number)
    {
        return decision;
    }
    decision.cases.polls.push(facts.this.clone());
    if is_moot(facts, now) {
        close(&mut decision, facts, Verdict::Withdrawn);
    } else if facts.this.answer == Answer::Present {
        close(&mut decision, facts, Verdict::Recovered);
        decision.jobs.push(check_job(facts, now));
        if facts.recovered_24h.saturating_add(1) == UNLISTED_TOLD {
            decision.alerts.push(unlisted_alert(facts));
        }
    } else {
        unanswered(&mut decision, facts, now);
    }
    decision
}

/// The job of a case's next poll; the same number is the same job.
pub fn poll_job(
    case: CaseId,
    number: u32,
    (workspace, account): (WorkspaceId, AccountId),
    run_at: Timestamp,
) -> NewJob {
    NewJob {
        kind: CONFIRM_POLL,
        cause: format!("{}@{case}/{number}", CONFIRM_POLL.name),
        workspace: Some(workspace),
        account: Some(account),
        run_at,
        payload: json!(PollCase { case, number }),
    }
}

/// The account has another session by now, or its owner is repairing it (R-LNK-10), or it may not go missing any more.
fn is_moot(facts: &CaseFacts, now: Timestamp) -> bool {
    let row = &facts.row;
    let relinked = row.session.as_ref() != Some(&facts.session);
    let attempt = attempt_state(row.status, row.since, facts.attempt, now);
    // A renewal of what is connected hides nothing.
    let is_shielded = row.status != Status::Connected && attempt == AttemptState::Open;
    relinked || is_shielded || allowed(Some(row.status), Status::Missing).is_err()
}

/// A session that answers though no list holds it is seen by nobody else: its state and its owner are looked at
/// (R-ST-6).
fn check_job(facts: &CaseFacts, now: Timestamp) -> NewJob {
    let account = facts.row.account;
    NewJob {
        kind: ACCOUNT_CHECK,
        cause: format!("{}@{account}/{}", ACCOUNT_CHECK.name, facts.case),
        workspace: Some(facts.row.workspace),
        account: Some(account),
        run_at: now,
        payload: json!(CheckAccount {
            account,
            code: "unlisted".to_owned(),
        }),
    }
}

fn unanswered(decision: &mut Decision, facts: &CaseFacts, now: Timestamp) {
    let proof = proof(facts);
    if let Some(polls) = may_end(facts, &proof) {
        decision.on_moved = OnMoved::Retry;
        decision.status.flips.push(missing(facts, polls));
        close(decision, facts, Verdict::Confirmed);
    } else if let Some(why) = stops(facts, &proof) {
        stop(decision, facts, why);
        decision.jobs.push(next(facts, BREAKER_WAIT));
    } else if now.duration_since(facts.opened_at) > CASE_AGE_MAX {
        decision.alerts.push(expired_alert(facts));
        close(decision, facts, Verdict::Expired);
    } else {
        decision.jobs.push(next(facts, SPACING_MIN));
    }
}

/// The polls that end the case. An operator's word stands for the control where there is none, and for nothing else.
fn may_end<'a>(facts: &CaseFacts, proof: &'a Proof<'a>) -> Option<&'a [&'a Poll]> {
    match (proof, &facts.leave) {
        (Proof::Controlled(polls), CaseLeave::Breaker | CaseLeave::Stopped)
            if !breaker_is_open(facts) =>
        {
            Some(polls)
        }
        (Proof::Controlled(polls), CaseLeave::Run)
        | (Proof::Controlled(polls) | Proof::Alone(polls), CaseLeave::Operator(_)) => Some(polls),
        _ => None,
    }
}

/// Why polls that stand do not end the case; none if they do not stand.
fn stops(facts: &CaseFacts, proof: &Proof<'_>) -> Option<String> {
    match proof {
        Proof::Controlled(_) => Some(format!(
            "{} sessions were suspected within an hour, of a fleet of {}; more than {SUSPECTS_MAX}, or than a quarter, go on only one by one",
            facts.suspects, facts.fleet
        )),
        Proof::Alone(_) => {
            Some("no session of the fleet is known good to be asked beside it".to_owned())
        }
        Proof::None => None,
    }
}

/// Nothing is sent over a session that is known to be gone, and people hear of it once.
fn stop(decision: &mut Decision, facts: &CaseFacts, why: String) {
    if facts.leave != CaseLeave::Breaker {
        return;
    }
    decision.alerts.push(breaker_alert(facts, &why));
    decision.sends.holds.push(NewHold {
        account: facts.row.account,
        reason: HoldReason::SessionGone,
        until: None,
        note: format!("three polls found its session gone; case {}", facts.case),
    });
    let case = facts.case;
    decision.cases.stopped.push(StoppedCase { case, why });
}

/// More than 5 suspects, or more than 25 % of the fleet (R-WAT-3, gate 2 of the interlock).
fn breaker_is_open(facts: &CaseFacts) -> bool {
    facts.suspects > SUSPECTS_MAX || facts.suspects.saturating_mul(4) > facts.fleet
}

fn missing(facts: &CaseFacts, streak: &[&Poll]) -> Flip {
    let last = streak.len().saturating_sub(POLLS as usize);
    let polls: Vec<Value> = streak[last..].iter().map(|poll| evidence(poll)).collect();
    Flip {
        account: facts.row.account,
        version: facts.row.version,
        from: facts.row.status,
        to: Status::Missing,
        cause: Cause::ConfirmedMissing,
        // Before the request: whatever happened to the account after that is newer news.
        observed_at: facts.this.started_at,
        evidence: json!({
            "source": "confirm.poll",
            "case": facts.case,
            "session": facts.session,
            "polls": polls,
            "let_go_by": let_go_by(&facts.leave),
        }),
        link: None,
        checkpoint: None,
    }
}

/// Words for the evidence.
fn let_go_by(leave: &CaseLeave) -> &str {
    match leave {
        CaseLeave::Breaker | CaseLeave::Stopped => "breaker",
        CaseLeave::Run => "three runs",
        CaseLeave::Operator(who) => who,
    }
}

fn evidence(poll: &Poll) -> Value {
    json!({
        "number": poll.number,
        "started_at": poll.started_at,
        "finished_at": poll.finished_at,
        "answer": poll.answer,
        "control": poll.control,
        "control_answer": poll.control_answer,
    })
}

fn next(facts: &CaseFacts, wait: SignedDuration) -> NewJob {
    let ended = facts.this.finished_at;
    let run_at = ended.checked_add(wait).unwrap_or(Timestamp::MAX);
    let number = facts.this.number.saturating_add(1);
    let owner = (facts.row.workspace, facts.row.account);
    poll_job(facts.case, number, owner, run_at)
}

fn close(decision: &mut Decision, facts: &CaseFacts, verdict: Verdict) {
    decision.cases.verdicts.push(CaseVerdict {
        case: facts.case,
        verdict,
    });
    if facts.leave != CaseLeave::Breaker {
        decision.status.ended_holds.push(EndedHold {
            account: facts.row.account,
            reason: HoldReason::SessionGone,
        });
    }
}

/// The subject is the fleet and not the case, so that many cases count one alert up.
fn breaker_alert(facts: &CaseFacts, why: &str) -> Alert {
    Alert {
        code: "missing_breaker",
        subject: "confirm.poll".to_owned(),
        detail: json!({
            "case": facts.case,
            "account": facts.row.account,
            "session": facts.session,
            "suspects": facts.suspects,
            "fleet": facts.fleet,
            "why": why,
            "type": [
                "relink cases list --verdict open".to_owned(),
                format!("relink cases show {}", facts.case),
                format!("relink cases confirm {} --reason …", facts.case),
                format!("relink cases dismiss {} --reason …", facts.case),
            ],
        }),
    }
}

/// The list and the session contradict each other, again and again.
fn unlisted_alert(facts: &CaseFacts) -> Alert {
    Alert {
        code: "session_unlisted",
        subject: format!("account {}", facts.row.account),
        detail: json!({
            "session": facts.session,
            "cases_24h": facts.recovered_24h.saturating_add(1),
        }),
    }
}

fn expired_alert(facts: &CaseFacts) -> Alert {
    Alert {
        code: "case_expired",
        subject: format!("account {}", facts.row.account),
        detail: json!({
            "case": facts.case,
            "session": facts.session,
            "opened_at": facts.opened_at,
            "last_answer": facts.this.answer,
            "last_control_answer": facts.this.control_answer,
        }),
    }
}

#[cfg(test)]
mod tests;
