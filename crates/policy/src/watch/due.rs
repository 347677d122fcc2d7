//! What may go on by itself, a few a run (R-WAT-3): losses that were stopped, and cases whose verdict was.

use crate::confirm::{ANSWERED_A_RUN, poll_job};
use crate::decision::NewJob;
use crate::ids::{AccountId, CaseId, StopId, WorkspaceId};
use crate::jobs::{ACCOUNT_CHECK, CheckAccount};
use jiff::Timestamp;
use serde_json::json;

/// Runs in a row that must say the same before a loss that was stopped goes on by itself.
pub const RUNS_SAY: i32 = 3;

/// Losses that go on by themselves in one run; as many are looked at in it.
pub const RELEASED_A_RUN: u32 = 5;

/// Code of a look that a stopped loss asks for, as [`CheckAccount`] has it.
pub const STOPPED_LOSS: &str = "stopped_loss";

/// Accounts whose proposals one job applies, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountShare {
    /// First of them.
    pub first: AccountId,
    /// Last of them.
    pub last: AccountId,
}

/// Stopped loss that this run says again, as two or more before it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueStop {
    /// The stopped loss.
    pub stop: StopId,
    /// Account that is lost.
    pub account: AccountId,
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Runs in a row that say the same, this one included.
    pub runs: i32,
    /// Whether a look of its own after three runs said the same; none while there was no such look.
    pub look_agrees: Option<bool>,
}

/// Case whose verdict is stopped, and whose session this run and the two before it left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueCase {
    /// The case.
    pub case: CaseId,
    /// Account that it is about.
    pub account: AccountId,
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Number of the poll that is wanted.
    pub number: u32,
}

/// What a run finds due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueWork {
    /// Stopped losses, those that a look agreed with first, then those without a look, the oldest first.
    pub stops: Vec<DueStop>,
    /// Stopped cases, the oldest first.
    pub cases: Vec<DueCase>,
}

/// What of [`DueWork`] goes on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Released {
    /// Losses that this run applies.
    pub stops: Vec<StopId>,
    /// Cases whose next poll may end them.
    pub cases: Vec<CaseId>,
    /// Looks at accounts, and polls of cases.
    pub jobs: Vec<NewJob>,
}

/// Lets a few go on, and asks for looks at as many others.
pub fn release(due: &DueWork, slot: Timestamp, now: Timestamp) -> Released {
    let ripe = due.stops.iter().filter(|it| it.runs >= RUNS_SAY);
    let (agreed, rest): (Vec<_>, Vec<_>) = ripe.partition(|it| it.look_agrees == Some(true));
    let cases = &due.cases[..due.cases.len().min(ANSWERED_A_RUN as usize)];
    let looks = rest.iter().take(RELEASED_A_RUN as usize);
    let looks = looks.map(|it| look_job(it, slot, now));
    let polls = cases.iter().map(|it| released_poll(it, slot, now));
    Released {
        stops: agreed
            .iter()
            .take(RELEASED_A_RUN as usize)
            .map(|it| it.stop)
            .collect(),
        cases: cases.iter().map(|it| it.case).collect(),
        jobs: looks.chain(polls).collect(),
    }
}

fn look_job(due: &DueStop, slot: Timestamp, now: Timestamp) -> NewJob {
    let account = due.account;
    NewJob {
        kind: ACCOUNT_CHECK,
        cause: format!("{}@{account}/{}/{slot}", ACCOUNT_CHECK.name, due.stop),
        workspace: Some(due.workspace),
        account: Some(account),
        run_at: now,
        payload: json!(CheckAccount {
            account,
            code: STOPPED_LOSS.to_owned(),
        }),
    }
}

/// The poll that waits is an hour away; of two with one number the first is recorded, and the other decides nothing.
fn released_poll(due: &DueCase, slot: Timestamp, now: Timestamp) -> NewJob {
    let owner = (due.workspace, due.account);
    let mut job = poll_job(due.case, due.number, owner, now);
    job.cause = format!("{}+{slot}", job.cause);
    job
}
