//! `status.compare` (R-WAT-1): holds the whole fleet against a run's list.

use crate::news::news_max;
use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use policy::decision::NewJob;
use policy::jobs::{ApplyRun, CompareRun, STATUS_APPLY, STATUS_COMPARE};
use policy::listing;
use policy::listing::Comparability;
use policy::watch::{RunVerdict, pairs};
use std::time::{Duration, Instant};
use store::Tx;
use store::watch::WatchRun;

/// Changed sessions, or accounts, that are dealt with at once; memory does not grow with the fleet.
const ROWS: i64 = 20_000;
/// A job that has worked this long hands the rest to the next.
const WORKING_MAX: Duration = Duration::from_secs(12);

/// Carries over what a complete list says anew, then writes what the run proposes for its accounts, and asks for the
/// judgement. One job where little changed; the first list of a large fleet takes several.
pub(crate) struct StatusCompare;

impl Sweep for StatusCompare {
    const SPEC: Spec = Spec::new(
        STATUS_COMPARE,
        "Holds the fleet against the sessions that a run listed",
    );
    type Payload = CompareRun;

    async fn sweep(tx: &Tx, jobs: &[Job<CompareRun>]) -> Result<RowCounts, JobError> {
        let mut counts = RowCounts::default();
        for job in jobs {
            let compared = compare(tx, job).await?;
            counts.seen += compared.seen;
            counts.changed += compared.changed;
        }
        Ok(counts)
    }
}

async fn compare(tx: &Tx, job: &Job<CompareRun>) -> Result<RowCounts, JobError> {
    let mut from = job.payload;
    let run = tx.watch_run(from.slot).await?;
    match tx.comparability(&run, news_max(tx.now())).await? {
        Comparability::Compare => {}
        Comparability::Over => return Ok(RowCounts::default()),
        Comparability::Inconclusive(why) => {
            tx.end_inconclusive(from.slot, &why).await?;
            return Ok(RowCounts::default());
        }
    }
    tx.hash_in_memory().await?;
    let began = Instant::now();
    let mut counts = RowCounts::default();
    let mut is_done = false;
    while !is_done && began.elapsed() < WORKING_MAX {
        is_done = go_on(tx, &run, &mut from, &mut counts).await?;
    }
    let now = tx.now().at;
    let next = if is_done {
        tx.end_comparison().await?;
        apply(&run, now)?
    } else {
        from.part += 1;
        listing::compare(from, now)
    };
    let by = (
        job.claimed.schedule.as_deref(),
        job.claimed.traceparent.as_deref(),
    );
    tx.enqueue(&[next], by.0, by.1).await?;
    Ok(counts)
}

/// Carries some sessions over or compares some accounts; true once nothing is left.
async fn go_on(
    tx: &Tx,
    run: &WatchRun,
    from: &mut CompareRun,
    counts: &mut RowCounts,
) -> Result<bool, JobError> {
    if !from.is_carried {
        let carried = tx.carry_sessions(run, ROWS).await?;
        counts.seen += carried;
        from.is_carried = carried < ROWS.unsigned_abs();
        return Ok(false);
    }
    let compared = tx
        .compare_accounts(run, &pairs(), (from.after, ROWS))
        .await?;
    from.after = compared.after;
    counts.seen += compared.proposed;
    counts.changed += compared.proposed;
    Ok(compared.is_last)
}

/// The judgement of the whole run.
fn apply(run: &WatchRun, now: jiff::Timestamp) -> Result<NewJob, JobError> {
    let apply = ApplyRun {
        slot: run.slot,
        chunk: 0,
        verdict: RunVerdict::Abort,
    };
    Ok(NewJob {
        kind: STATUS_APPLY,
        cause: format!("status.apply@{}/0", run.slot),
        workspace: None,
        account: None,
        run_at: now,
        payload: serde_json::to_value(apply).map_err(JobError::Payload)?,
    })
}
