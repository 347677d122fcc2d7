//! Running set-based jobs: claim by closing, change, commit, in one transaction.

use crate::context::Context;
use crate::error::JobError;
use crate::job::{Entry, Job, Sweep};
use crate::panics::caught;
use crate::run::{Ended, Run};
use crate::{metrics, record, trace};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use std::collections::HashSet;
use std::time::Instant;
use store::Tx;
use store::jobs::{Claimed, Doorbell};
use uuid::Uuid;

/// Makes the changes of claimed jobs in a transaction.
pub(crate) type Runner = for<'a> fn(&'a Tx, &'a [Claimed]) -> BoxFuture<'a, Result<(), JobError>>;

/// The [`Runner`] of a [`Sweep`].
pub(crate) fn run<'a, J: Sweep>(
    tx: &'a Tx,
    claimed: &'a [Claimed],
) -> BoxFuture<'a, Result<(), JobError>> {
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
    entry: &Entry,
    runner: Runner,
    ids: &[Uuid],
    batch: Uuid,
) -> Result<HashSet<Uuid>, JobError> {
    let tx = context.store.begin().await?;
    let bell = Doorbell {
        kind: entry.spec.kind.name,
        version_max: entry.spec.kind.version,
        jobs: ids,
    };
    let (started_at, began) = (tx.now(), Instant::now());
    let claimed = match tx.claim_closing(&bell).await {
        Ok(claimed) if claimed.is_empty() => {
            tx.abandon().await;
            return Ok(HashSet::new());
        }
        claimed => claimed?,
    };
    let mut claimed = claimed;
    let run = Run::batch(entry, &claimed, batch);
    run.hand_on(&mut claimed);
    let working = async {
        if let Err(error) = guarded(entry, runner, &tx, &claimed).await {
            tx.abandon().await;
            return Err(error);
        }
        tx.ring_closed();
        Ok(trace::commit(tx).await?)
    };
    if let Err(error) = run.around(working).await {
        run.failed(&error, false);
        return Ok(HashSet::new());
    }
    metrics::jobs_done(&entry.spec, &claimed, started_at, began.elapsed());
    run.ended(Ended::Done);
    Ok(claimed.iter().map(|job| job.id.0).collect())
}

/// Runs one job that is leased already, so that its attempt counts even if it takes the process with it.
pub(crate) async fn alone(context: &Context, entry: &Entry, runner: Runner, job: Claimed) {
    let run = Run::single(entry, &job);
    let working = async {
        let tx = context.store.begin().await?;
        let (started_at, began) = (tx.now(), Instant::now());
        let mut jobs = [job.clone()];
        run.hand_on(&mut jobs);
        if let Err(error) = guarded(entry, runner, &tx, &jobs).await {
            tx.abandon().await;
            return Err(error);
        }
        tx.close(&[(job.id, job.attempt)]).await?;
        tx.ring_closed();
        trace::commit(tx).await?;
        metrics::jobs_done(&entry.spec, &jobs, started_at, began.elapsed());
        Ok(())
    };
    match run.around(working).await {
        Ok(()) => run.ended(Ended::Done),
        Err(error) => record::failure(context, &entry.spec, &job, run, &error).await,
    }
}

/// A panic is an error of the job, not of the worker; so is a run past its limit. The transaction that either leaves
/// behind is rolled back, which is all that dropping a set-based change in the middle means.
async fn guarded(
    entry: &Entry,
    runner: Runner,
    tx: &Tx,
    claimed: &[Claimed],
) -> Result<(), JobError> {
    let work = caught(runner(tx, claimed));
    let ended = tokio::time::timeout(entry.spec.limit, work).await;
    ended.unwrap_or(Err(JobError::Overdue(entry.spec.limit)))
}
