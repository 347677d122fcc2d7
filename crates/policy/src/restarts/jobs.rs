//! Jobs that restart sessions.

use super::ladder::{GAP, Rung, next_rung, rung};
use super::turn::Candidate;
use crate::decision::NewJob;
use crate::ids::{AccountId, RestartId, WorkspaceId};
use crate::jobs::{RecoverSession, SESSIONS_RECOVER};
use crate::schedule::ShardRange;
use crate::verify::AccountRow;
use jiff::Timestamp;
use serde_json::json;

/// Ticks in which all shards are looked at.
const TENTHS: i64 = 10;

/// Jobs of the first rung of accounts that have just become `recovering`.
pub fn first_jobs(rows: &[AccountRow]) -> Vec<NewJob> {
    rows.iter()
        .map(|row| ladder_job(row, rung(1, row.since)))
        .collect()
}

/// Job of a restart that an operator asked for.
pub fn asked_job(
    (account, workspace): (AccountId, WorkspaceId),
    version: i64,
    restart: RestartId,
    now: Timestamp,
) -> NewJob {
    let asked = RecoverSession {
        account,
        version,
        rung: 0,
        by_operator: Some(restart),
        place: None,
    };
    job(workspace, asked, now)
}

/// Jobs for accounts that are `recovering` and have none: a dead letter, a discarded one, an account from before there
/// were restarts. The tick `slot` names them, for the cause of the job that died is taken. A rung that died is not tried
/// again; the next one is.
pub fn missed(rows: &[AccountRow], slot: Timestamp, now: Timestamp) -> Vec<NewJob> {
    let soonest = now.checked_add(GAP).unwrap_or(Timestamp::MAX);
    let job = |row: &AccountRow| {
        let job = next_job(row, soonest);
        NewJob {
            cause: format!("{}~{slot}", job.cause),
            ..job
        }
    };
    rows.iter().map(job).collect()
}

/// Shards of a range that a tick looks at for such accounts: another tenth each minute, for all of them would be read over
/// and over while a provider is down.
pub fn shards_of_tick(shards: ShardRange, slot: Timestamp) -> Vec<i16> {
    let turn = slot.as_second().div_euclid(60).rem_euclid(TENTHS);
    (shards.first..=shards.last)
        .filter(|shard| i64::from(*shard).rem_euclid(TENTHS) == turn)
        .filter_map(|shard| i16::try_from(shard).ok())
        .collect()
}

/// Job of the first rung that is not before `from`.
pub(super) fn next_job(row: &AccountRow, from: Timestamp) -> NewJob {
    ladder_job(row, next_rung(row.since, from))
}

/// The same once more, at that instant; `place` is kept for it.
pub(super) fn again(one: &Candidate, at: Timestamp, place: Option<Timestamp>) -> NewJob {
    let job = job(one.row.workspace, RecoverSession { place, ..one.asked }, at);
    NewJob {
        cause: format!("{}+{at}", job.cause),
        ..job
    }
}

fn ladder_job(row: &AccountRow, rung: Rung) -> NewJob {
    let asked = RecoverSession {
        account: row.account,
        version: row.version,
        rung: rung.number,
        by_operator: None,
        place: None,
    };
    job(row.workspace, asked, rung.at)
}

fn job(workspace: WorkspaceId, asked: RecoverSession, run_at: Timestamp) -> NewJob {
    let (name, account, version) = (SESSIONS_RECOVER.name, asked.account, asked.version);
    let which = asked
        .by_operator
        .map_or_else(|| asked.rung.to_string(), |id| format!("asked-{id}"));
    NewJob {
        kind: SESSIONS_RECOVER,
        cause: format!("{name}@{account}/v{version}/{which}"),
        workspace: Some(workspace),
        account: Some(account),
        run_at,
        payload: json!(asked),
    }
}
