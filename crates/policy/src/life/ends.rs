//! Ends of attempts, and of accounts that waited for one (R-LNK-10, R-ST-5).

use super::{
    Answer, AttemptState, CHECKPOINT_PATIENCE, NewestAttempt, attempt::later, attempt_state,
    time_out,
};
use crate::account::{AttemptEnd, Flip, Status};
use crate::decision::{Decision, NewJob};
use crate::ids::{AccountId, AttemptId, SessionId};
use crate::jobs::{ATTEMPTS_END, EndAttempts};
use crate::links::ForgottenEvents;
use crate::session::Health;
use jiff::Timestamp;
use serde_json::json;

/// Account that waits for its owner, and whose time may be over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unended {
    /// The account.
    pub account: AccountId,
    /// Its `status_version`.
    pub version: i64,
    /// `connecting` or `action_required`.
    pub status: Status,
    /// When it got that status.
    pub since: Timestamp,
    /// Its linked session.
    pub session: Option<SessionId>,
    /// Health in the newest sight of its session; none since it has that status, if null.
    pub health: Option<Health>,
    /// Its newest attempt, whatever its state.
    pub attempt: Option<(AttemptId, NewestAttempt)>,
}

/// What one look at the ends of attempts found.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// What the job was asked.
    pub asked: EndAttempts,
    /// Accounts whose time may be over.
    pub accounts: Vec<Unended>,
    /// Attempts that end.
    pub attempts: Vec<AttemptEnd>,
    /// Attempts whose page has ended unused.
    pub lapsed: Vec<AttemptId>,
    /// Any list was cut: there is more at once.
    pub is_cut: bool,
    /// Before the rows were read, by the database's clock.
    pub observed_at: Timestamp,
}

/// Takes accounts back to where they were, closes attempts, and goes on at once where there was too much for one look. With them
/// goes what the provider told long ago, whether anything new comes or not.
pub fn end_attempts(found: Ended, now: Timestamp) -> Decision {
    let Ended {
        asked,
        accounts,
        attempts,
        lapsed,
        is_cut,
        observed_at,
    } = found;
    let mut decision = Decision::nothing(now);
    let flips = accounts.iter().filter_map(|one| end(one, observed_at));
    decision.status.flips.extend(flips);
    decision.status.attempts = attempts;
    decision.status.lapsed = lapsed;
    decision.links.forgets = Some(ForgottenEvents::at(now));
    if is_cut {
        decision.jobs.push(next(asked, now));
    }
    decision
}

fn end(one: &Unended, at: Timestamp) -> Option<Flip> {
    if !is_over(one, at) {
        return None;
    }
    let last = one.health.map_or(Answer::Silence, Answer::from);
    let (to, cause) = time_out(one.status, last)?;
    let attempt = one.attempt.map(|(id, _)| id);
    Some(Flip {
        account: one.account,
        version: one.version,
        from: one.status,
        to,
        cause,
        observed_at: at,
        evidence: json!({
            "source": ATTEMPTS_END.name,
            "attempt": attempt,
            "session": one.session,
            "health": one.health,
            "since": one.since,
        }),
        link: None,
        checkpoint: None,
    })
}

/// An account that was asked to confirm something waits for its attempt, or for [`CHECKPOINT_PATIENCE`], whichever ends first.
fn is_over(one: &Unended, at: Timestamp) -> bool {
    let newest = one.attempt.map(|(_, it)| it);
    match one.status {
        Status::Connecting => {
            attempt_state(one.status, one.since, newest, at) == AttemptState::Ended
        }
        Status::ActionRequired => {
            let ended_since = |it: NewestAttempt| one.since < it.ends_at() && it.ends_at() <= at;
            later(one.since, CHECKPOINT_PATIENCE) <= at || newest.is_some_and(ended_since)
        }
        Status::Connected
        | Status::ReconnectNeeded
        | Status::Recovering
        | Status::Missing
        | Status::Disconnected => false,
    }
}

fn next(asked: EndAttempts, now: Timestamp) -> NewJob {
    let EndAttempts { slot, chunk } = asked;
    let chunk = chunk + 1;
    NewJob {
        kind: ATTEMPTS_END,
        cause: format!("{}@{slot}/{chunk}", ATTEMPTS_END.name),
        workspace: None,
        account: None,
        run_at: now,
        payload: json!(EndAttempts { slot, chunk }),
    }
}

#[cfg(test)]
mod tests;
