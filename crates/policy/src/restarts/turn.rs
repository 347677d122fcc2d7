//! Whether a session is restarted now, later, or not at all (R-LNK-8, R-LNK-10).

use super::jobs::{again, next_job};
use super::ladder::{GAP, wants_restart};
use super::{Budget, Place, RestartState};
use crate::account::Status;
use crate::decision::NewJob;
use crate::ids::{AccountId, JobId, RestartId, SessionId};
use crate::jobs::RecoverSession;
use crate::life::{AttemptState, NewestAttempt, attempt_state};
use crate::session::Health;
use crate::verify::AccountRow;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

/// Account whose session may be restarted, as it is under the lock of the fleet's bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What was asked.
    pub asked: RecoverSession,
    /// Job that asks; names the restart that it makes.
    pub job: JobId,
    /// Row of the account.
    pub row: AccountRow,
    /// Newest attempt of its owner.
    pub attempt: Option<NewestAttempt>,
    /// Another person was seen behind its session, and the known one not since (R-ST-6).
    pub is_held: bool,
    /// State in the newest sight of its session; `None` if it was never listed.
    pub health: Option<Health>,
    /// When another restart of it was last called, or written down.
    pub called_at: Option<Timestamp>,
    /// The restart that was written down for this rung or this operator, if one was.
    pub made: Option<(RestartId, RestartState)>,
}

/// Restart to write down before it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// Name of it.
    pub id: RestartId,
    /// The account.
    pub account: AccountId,
    /// Its `status_version`.
    pub version: i64,
    /// Number of the rung; 0 where an operator asked.
    pub rung: u32,
    /// The session.
    pub session: SessionId,
}

/// What is done for one job.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// Write down the restart, then call.
    Go(Restart),
    /// It was called by a run that did not live to tell.
    Vanished(RestartId),
    /// Not by this job: the restart to withdraw, and the job that goes on.
    Over(Option<RestartId>, Option<NewJob>),
}

impl Candidate {
    /// Whether the account is in the very stay in `recovering` that the job is of.
    pub fn is_recovering(&self) -> bool {
        self.row.status == Status::Recovering && self.row.version == self.asked.version
    }
}

/// Says what is done for each of these jobs, in their order; of one account at most one goes.
pub fn turns(candidates: &[Candidate], budget: &mut Budget) -> Vec<Turn> {
    let mut going = HashSet::new();
    let mut turned = Vec::with_capacity(candidates.len());
    for one in candidates {
        let account = one.row.account;
        let called_at = going.contains(&account).then_some(budget.now);
        let one = Candidate {
            called_at: called_at.or(one.called_at),
            ..one.clone()
        };
        let turn = turn(&one, budget);
        if matches!(turn, Turn::Go(_)) {
            going.insert(account);
        }
        turned.push(turn);
    }
    turned
}

/// Says what is done for a job, and takes its place in the fleet's bound.
fn turn(one: &Candidate, budget: &mut Budget) -> Turn {
    let now = budget.now;
    let reserved = match one.made {
        Some((id, RestartState::Calling)) => return Turn::Vanished(id),
        Some((_, state)) if state.is_over() => return Turn::Over(None, next(one, now, now)),
        Some((id, _)) => Some(id),
        None => None,
    };
    let (row, asked) = (&one.row, &one.asked);
    let session = match &row.session {
        Some(session) if one.is_recovering() => session.clone(),
        _ => return Turn::Over(reserved, None),
    };
    if let Err(until) = is_free(one, now) {
        return Turn::Over(reserved, next(one, now, until));
    }
    let earliest = one.called_at.and_then(|at| at.checked_add(GAP).ok());
    if let Some(earliest) = earliest.filter(|earliest| now < *earliest) {
        return Turn::Over(None, Some(again(one, earliest, None)));
    }
    let place = if budget.holds(asked.place) {
        Place::Now
    } else {
        budget.take(row.workspace)
    };
    match place {
        Place::Now => Turn::Go(Restart {
            id: reserved
                .or(asked.by_operator)
                .unwrap_or(RestartId(one.job.0)),
            account: row.account,
            version: row.version,
            rung: asked.rung,
            session,
        }),
        Place::Kept(at) => Turn::Over(None, Some(again(one, at, Some(at)))),
        Place::Full(at) => Turn::Over(None, Some(again(one, at, None))),
    }
}

/// Whether nobody else has the account in hand and its session has stopped; if not, the instant from which on the ladder
/// goes on.
fn is_free(one: &Candidate, now: Timestamp) -> Result<(), Timestamp> {
    let row = &one.row;
    if attempt_state(row.status, row.since, one.attempt, now) == AttemptState::Open {
        return Err(one.attempt.map_or(now, |attempt| attempt.ends_at()));
    }
    let age = match one.asked.by_operator {
        Some(_) => SignedDuration::MAX,
        None => now.duration_since(row.since),
    };
    if one.is_held || !wants_restart(one.health, age) {
        return Err(now);
    }
    Ok(())
}

/// Job of the next rung; none after an operator's restart, which stands beside the ladder.
fn next(one: &Candidate, now: Timestamp, from: Timestamp) -> Option<NewJob> {
    if one.asked.by_operator.is_some() || !one.is_recovering() {
        return None;
    }
    let soonest = now.checked_add(GAP).unwrap_or(Timestamp::MAX).max(from);
    Some(next_job(&one.row, soonest))
}

#[cfg(test)]
mod tests;
