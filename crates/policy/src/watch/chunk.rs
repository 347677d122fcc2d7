//! A run, judged whole and then applied in shares, side by side.

use super::{DueWork, Proposed, RunCounts, RunStep, apply, judge, release};
use crate::decision::{Decision, NewJob};
use crate::jobs::{ApplyShare, STATUS_APPLY};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Rows of one share, and so of one transaction.
pub const SHARE_ROWS: u32 = 2_000;

/// How far a run is when a job of it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunProgress {
    /// When its list was complete.
    pub listed_at: Timestamp,
    /// What is done of it.
    pub stage: RunStage,
}

/// What is done of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStage {
    /// It is compared.
    Compared,
    /// It is judged, and its shares are being applied.
    Judged,
    /// It has its outcome.
    Ended,
}

/// What one job of a run found.
#[derive(Clone, Debug, PartialEq)]
pub enum Chunk {
    /// The run has ended, or this step of it was taken before.
    Past,
    /// The whole run, not judged yet.
    Judge {
        /// Instant when its list was complete.
        listed_at: Timestamp,
        /// The run, counted.
        counts: Box<RunCounts>,
        /// What may go on by itself.
        due: DueWork,
    },
    /// One share of a judged run.
    Share {
        /// What the job was asked, with the judgement.
        asked: ApplyShare,
        /// Instant when its list was complete.
        listed_at: Timestamp,
        /// Proposals of the share that are left to deal with.
        rows: Vec<Proposed>,
    },
}

/// Judges the run, or deals with a share of it. `news_max` is the age from which on it is no news any more.
pub fn apply_chunk(chunk: Chunk, news_max: SignedDuration, now: Timestamp) -> Decision {
    match chunk {
        Chunk::Past => Decision::nothing(now),
        Chunk::Judge {
            listed_at, counts, ..
        } if is_old(listed_at, news_max, now) => old_news(counts.slot, listed_at, now),
        Chunk::Share {
            asked, listed_at, ..
        } if is_old(listed_at, news_max, now) => old_news(asked.slot, listed_at, now),
        Chunk::Judge { counts, due, .. } => judge_run(&counts, &due, now),
        Chunk::Share { asked, rows, .. } => apply_share(asked, rows, now),
    }
}

fn is_old(listed_at: Timestamp, news_max: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(listed_at) > news_max
}

/// Ends a run whose list is older than a period: what it saw may be over, and a newer run looks afresh (R-WAT-5).
fn old_news(slot: Timestamp, listed_at: Timestamp, now: Timestamp) -> Decision {
    let why =
        format!("its list of {listed_at} is older than one period; nothing more of it is applied");
    Decision {
        run: Some(RunStep::Inconclusive { slot, why }),
        ..Decision::nothing(now)
    }
}

fn judge_run(counts: &RunCounts, due: &DueWork, now: Timestamp) -> Decision {
    let judgement = judge(counts);
    let slot = counts.slot;
    let mut decision = Decision::nothing(now);
    decision.alerts = judgement.alerts;
    let Some(verdict) = judgement.verdict else {
        let why = "the provider's list is empty".to_owned();
        decision.run = Some(RunStep::Inconclusive { slot, why });
        return decision;
    };
    let released = release(due, slot, now);
    decision.jobs = released.jobs;
    let shares = (1_u32..).zip(&counts.shares);
    let verifiable = u32::try_from(counts.verifiable).unwrap_or(u32::MAX);
    decision.jobs.extend(shares.map(|(chunk, share)| {
        let asked = ApplyShare {
            slot,
            chunk,
            verdict,
            first: share.first,
            last: share.last,
            verifiable,
        };
        share_job(asked, now)
    }));
    decision.run = Some(RunStep::Judged {
        slot,
        verdict,
        watched: counts.watched,
        shares: u32::try_from(counts.shares.len()).unwrap_or(u32::MAX),
        released: released.stops,
        cases: released.cases,
    });
    decision
}

fn apply_share(asked: ApplyShare, rows: Vec<Proposed>, now: Timestamp) -> Decision {
    let accounts = rows.iter().map(|row| row.account).collect();
    let together = usize::try_from(asked.verifiable).unwrap_or(usize::MAX);
    let mut decision = apply(asked.slot, rows, together, now);
    decision.run = Some(RunStep::Handled {
        slot: asked.slot,
        accounts,
        outcome: asked.verdict.outcome(),
    });
    decision
}

fn share_job(asked: ApplyShare, now: Timestamp) -> NewJob {
    NewJob {
        kind: STATUS_APPLY,
        // Not as the builds before named their chunks: a run that one of them began is judged anew.
        cause: format!("{}@{}/share-{}", STATUS_APPLY.name, asked.slot, asked.chunk),
        workspace: None,
        account: None,
        run_at: now,
        payload: json!(asked),
    }
}

#[cfg(test)]
mod tests;
