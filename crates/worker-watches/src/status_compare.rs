//! `status.compare` (R-WAT-1): holds the whole fleet against a run's list.

use crate::news::news_max;
use fleet::{Job, JobError, RowCounts, Spec, Sweep};
use futures_util::future::try_join;
use policy::decision::NewJob;
use policy::jobs::{ApplyRun, CompareRun, STATUS_APPLY, STATUS_COMPARE};
use policy::listing;
use policy::listing::Comparability;
use policy::watch::{RunVerdict, pairs};
use std::time::{Duration, Instant};
use store::watch::{Suspects, WatchRun};
use store::{StoreError, Tx};

/// A job that has worked this long hands the rest to the next.
const WORKING_MAX: Duration = Duration::from_secs(12);
/// A job that has worked this long leaves the comparison of accounts to the next, which begins with a join.
const LOOKING_BEFORE: Duration = Duration::from_secs(6);

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
    let mut counts = RowCounts::default();
    let is_done = go_on(tx, &run, &mut from, &mut counts).await?;
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

/// Carries sessions over, then compares accounts, for as long as a job works; true once nothing is left.
async fn go_on(
    tx: &Tx,
    run: &WatchRun,
    from: &mut CompareRun,
    counts: &mut RowCounts,
) -> Result<bool, JobError> {
    let began = Instant::now();
    let mut suspects = None;
    if !from.is_carried {
        let carrying = tx.carry_sessions(run, WORKING_MAX);
        let (carried, found) = try_join(carrying, look_ahead(tx, run, *from)).await?;
        counts.seen += carried.sessions;
        from.is_carried = carried.is_all;
        if !carried.is_all || began.elapsed() > LOOKING_BEFORE {
            return Ok(false);
        }
        suspects = found;
    }
    let suspects = match suspects {
        Some(found) => found,
        None => tx.store().suspects(run, &pairs(), from.after).await?,
    };
    let left = WORKING_MAX.saturating_sub(began.elapsed());
    let compared = tx.compare_accounts(run, &pairs(), suspects, left).await?;
    from.after = compared.after.or(from.after);
    counts.seen += compared.proposed;
    counts.changed += compared.proposed;
    Ok(compared.is_last)
}

/// Suspects, found while what changed is carried over: two joins, which wait for neither each other nor a processor. A list
/// that takes several jobs to carry over has them found after that.
async fn look_ahead(
    tx: &Tx,
    run: &WatchRun,
    from: CompareRun,
) -> Result<Option<Suspects>, StoreError> {
    if from.part > 0 {
        return Ok(None);
    }
    let found = tx.store().suspects(run, &pairs(), from.after).await?;
    Ok(Some(found))
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
