//! Running set-based jobs: claim by closing, change, commit, in one transaction.

use crate::context::Context;
use crate::error::JobError;
use crate::job::{Job, RowCounts, Sweep};
use crate::panics::caught;
use crate::run::{Ended, Run};
use crate::spec::Spec;
use crate::{metrics, record, trace};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use std::collections::HashSet;
use std::time::Instant;
use store::Tx;
use store::jobs::{Claimed, Doorbell};
use uuid::Uuid;

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

/// Runs a whole doorbell at once and returns what it did. What failed has changed nothing, and its jobs
/// must be run one by one; an error has claimed none.
pub(crate) async fn together(
    context: &Context,
    spec: &Spec,
    runner: Runner,
    ids: &[Uuid],
    batch: Uuid,
) -> Result<HashSet<Uuid>, JobError> {
    let bell = Doorbell {
        kind: spec.kind.name,
        version_max: spec.kind.version,
        jobs: ids,
    };
    let Some((tx, claimed, began)) = claim(context, &bell).await? else {
        return Ok(HashSet::new());
    };
    let started_at = tx.now();
    let _in_flight = metrics::in_flight(spec.kind.queue, claimed.len());
    let mut claimed = claimed;
    let run = Run::batch(spec, &claimed, batch);
    run.hand_on(&mut claimed);
    let working = async {
        let swept = match guarded(spec, runner, &tx, &claimed).await {
            Ok(swept) => swept,
            Err(error) => {
                tx.abandon().await;
                return Err(error);
            }
        };
        tx.ring_closed();
        trace::commit(tx).await?;
        Ok(swept)
    };
    let swept = match run.around(working).await {
        Ok(swept) => swept,
        Err(error) => {
            run.failed(&error, false);
            return Ok(HashSet::new());
        }
    };
    metrics::jobs_done(spec, &claimed, started_at, began.elapsed());
    metrics::rows(spec, swept.seen, swept.changed);
    run.ended(Ended::Done);
    Ok(claimed.iter().map(|job| job.id.0).collect())
}

/// Opens the transaction that closes what is named; none if that is nothing.
async fn claim(
    context: &Context,
    bell: &Doorbell<'_>,
) -> Result<Option<(Tx, Vec<Claimed>, Instant)>, JobError> {
    loop {
        let (tx, began) = (context.store.begin().await?, Instant::now());
        match tx.claim_closing(bell).await? {
            Some(claimed) if !claimed.is_empty() => return Ok(Some((tx, claimed, began))),
            claimed => {
                tx.abandon().await;
                // A pause was committed in the very middle of the claim: the next claim sees it.
                if claimed.is_some() {
                    return Ok(None);
                }
            }
        }
    }
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
        let swept = match guarded(spec, runner, &tx, &jobs).await {
            Ok(swept) => swept,
            Err(error) => {
                tx.abandon().await;
                return Err(error);
            }
        };
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
