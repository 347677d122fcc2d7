//! Running set-based jobs: claim by closing, change, commit, in one transaction.

use crate::context::Context;
use crate::error::JobError;
use crate::job::{Job, RowCounts, Sweep};
use crate::panics::caught;
use crate::run::{Ended, Run};
use crate::spec::Spec;
use crate::{metrics, record, retry, trace};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use store::jobs::{Claimed, Closing, Doorbell};
use store::{StoreError, Tx};
use uuid::Uuid;

/// Claims of one doorbell that pauses may cross before its jobs are leased.
const TRIES_MAX: u32 = 4;
/// First delay before another claim, at most; doubles.
const TRY_AGAIN: Duration = Duration::from_millis(5);

/// Makes the changes of claimed jobs in a transaction.
pub(crate) type Runner =
    for<'a> fn(&'a Tx, &'a [Claimed]) -> BoxFuture<'a, Result<RowCounts, JobError>>;

/// The [`Runner`] of a [`Sweep`].
pub(crate) fn run<'a, J: Sweep>(
    tx: &'a Tx,
    claimed: &'a [Claimed],
) -> BoxFuture<'a, Result<RowCounts, JobError>> {
    Box::pin(async move {
        let jobs = claimed.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        J::sweep(tx, &jobs).await
    })
}

/// A claimed job with its payload read.
pub(crate) fn read<P: serde::de::DeserializeOwned>(claimed: &Claimed) -> Result<Job<P>, JobError> {
    let payload = Deserialize::deserialize(&claimed.payload).map_err(JobError::Payload)?;
    Ok(Job {
        claimed: claimed.clone(),
        payload,
    })
}

/// Jobs that are claimed by closing them, and the transaction that does.
pub(crate) struct Set {
    tx: Tx,
    claimed: Vec<Claimed>,
    began: Instant,
}

/// Runs claimed jobs at once and returns those that are done. A set that failed has changed nothing, and its jobs must be run
/// one by one.
pub(crate) async fn together(spec: &Spec, runner: Runner, set: Set, batch: Uuid) -> HashSet<Uuid> {
    let Set {
        tx,
        mut claimed,
        began,
    } = set;
    let started_at = tx.now();
    let _in_flight = metrics::in_flight(spec.kind.queue, claimed.len());
    let run = Run::batch(spec, &claimed, batch);
    run.hand_on(&mut claimed);
    let working = async {
        let swept = guarded(spec, runner, &tx, &claimed).await;
        let (tx, swept) = tx.go_on(swept).await?;
        tx.ring_closed();
        trace::commit(tx).await?;
        Ok(swept)
    };
    let swept = match run.around(working).await {
        Ok(swept) => swept,
        Err(error) => {
            run.failed(&error, false);
            return HashSet::new();
        }
    };
    metrics::jobs_done(spec, &claimed, started_at, began.elapsed());
    metrics::rows(spec, swept.seen, swept.changed);
    run.ended(Ended::Done);
    claimed.iter().map(|job| job.id.0).collect()
}

/// Opens the transaction that closes what is named. None if that is nothing, or if a pause came in the middle of each try:
/// a claim that leases keeps pauses waiting instead, and finds out.
pub(crate) async fn claim(
    context: &Context,
    bell: &Doorbell<'_>,
) -> Result<Option<Set>, StoreError> {
    let mut has_locked = false;
    for tries in 1..=TRIES_MAX {
        let (tx, began) = (context.store.begin().await?, Instant::now());
        let closing = if has_locked {
            tx.claim_closing_free(bell).await
        } else {
            tx.claim_closing(bell).await
        };
        let (tx, closing) = tx.go_on(closing).await?;
        match closing {
            Closing::Claimed(claimed) if !claimed.is_empty() => {
                return Ok(Some(Set { tx, claimed, began }));
            }
            Closing::Claimed(_) => {
                tx.abandon().await;
                return Ok(None);
            }
            Closing::Locked => {
                tx.abandon().await;
                has_locked = true;
            }
            Closing::Paused => {
                tx.abandon().await;
                tokio::time::sleep(retry::delay(tries, TRY_AGAIN, TRY_AGAIN * 10)).await;
            }
        }
    }
    Ok(None)
}

/// Runs one job that is leased already, so that its attempt counts even if it takes the process with it.
pub(crate) async fn alone(context: &Context, spec: &Spec, runner: Runner, job: Claimed) {
    let _in_flight = metrics::in_flight(spec.kind.queue, 1);
    let run = Run::single(spec, &job);
    let working = async {
        let tx = context.store.begin().await?;
        let (started_at, began) = (tx.now(), Instant::now());
        let mut jobs = [job.clone()];
        run.hand_on(&mut jobs);
        let swept = guarded(spec, runner, &tx, &jobs).await;
        let (tx, swept) = tx.go_on(swept).await?;
        tx.close(&[(job.id, job.attempt)]).await?;
        tx.ring_closed();
        trace::commit(tx).await?;
        metrics::jobs_done(spec, &jobs, started_at, began.elapsed());
        metrics::rows(spec, swept.seen, swept.changed);
        Ok(())
    };
    match run.around(working).await {
        Ok(()) => run.ended(Ended::Done),
        Err(error) => record::failure(context, spec, &job, run, &error).await,
    }
}

/// A panic is an error of the job, not of the worker; so is a run past its limit. The transaction that either leaves
/// behind is rolled back, which is all that dropping a set-based change in the middle means.
async fn guarded(
    spec: &Spec,
    runner: Runner,
    tx: &Tx,
    claimed: &[Claimed],
) -> Result<RowCounts, JobError> {
    let work = caught(runner(tx, claimed));
    let ended = tokio::time::timeout(spec.limit, work).await;
    ended.unwrap_or(Err(JobError::Overdue(spec.limit)))
}
