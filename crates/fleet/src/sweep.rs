//! Running set-based jobs: claim by closing, change, commit, in one transaction.

use crate::context::Context;
use crate::error::JobError;
use crate::job::{Entry, Job, Sweep, Swept};
use crate::{metrics, record};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use store::Tx;
use store::jobs::{Claimed, Doorbell};
use uuid::Uuid;

/// Makes the changes of claimed jobs in a transaction.
pub(crate) type Runner =
    for<'a> fn(&'a Tx, &'a [Claimed]) -> BoxFuture<'a, Result<Swept, JobError>>;

/// The [`Runner`] of a [`Sweep`].
pub(crate) fn run<'a, J: Sweep>(
    tx: &'a Tx,
    claimed: &'a [Claimed],
) -> BoxFuture<'a, Result<Swept, JobError>> {
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

/// Runs a whole doorbell at once and returns what it did. An error has changed nothing and says that the jobs must be
/// run one by one.
pub(crate) async fn together(
    context: &Context,
    entry: &Entry,
    runner: Runner,
    ids: &[Uuid],
) -> Result<HashSet<Uuid>, JobError> {
    let bell = Doorbell {
        kind: entry.spec.kind.name,
        version_max: entry.spec.kind.version,
        jobs: ids,
    };
    let Some((tx, claimed, began)) = claim(context, &bell).await? else {
        return Ok(HashSet::new());
    };
    let started_at = tx.now();
    let _in_flight = metrics::in_flight(entry.spec.kind.queue, claimed.len());
    let swept = match guarded(entry, runner, &tx, &claimed).await {
        Ok(swept) => swept,
        Err(error) => {
            tx.abandon().await;
            return Err(error);
        }
    };
    tx.ring_closed();
    tx.finish().await?;
    metrics::jobs_done(&entry.spec, &claimed, started_at, began.elapsed());
    metrics::rows(&entry.spec, swept.seen, swept.changed);
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
pub(crate) async fn alone(context: &Context, entry: &Entry, runner: Runner, job: Claimed) {
    let _in_flight = metrics::in_flight(entry.spec.kind.queue, 1);
    let ended: Result<(), JobError> = async {
        let tx = context.store.begin().await?;
        let (started_at, began) = (tx.now(), Instant::now());
        let jobs = [job.clone()];
        let swept = match guarded(entry, runner, &tx, &jobs).await {
            Ok(swept) => swept,
            Err(error) => {
                tx.abandon().await;
                return Err(error);
            }
        };
        tx.close(&[(job.id, job.attempt)]).await?;
        tx.ring_closed();
        tx.finish().await?;
        metrics::jobs_done(&entry.spec, &jobs, started_at, began.elapsed());
        metrics::rows(&entry.spec, swept.seen, swept.changed);
        Ok(())
    }
    .await;
    if let Err(error) = ended {
        record::failure(context, &entry.spec, &job, &error).await;
    }
}

/// A panic is an error of the job, not of the worker; so is a run past its limit. The transaction that either leaves
/// behind is rolled back, which is all that dropping a set-based change in the middle means.
async fn guarded(
    entry: &Entry,
    runner: Runner,
    tx: &Tx,
    claimed: &[Claimed],
) -> Result<Swept, JobError> {
    let caught = AssertUnwindSafe(runner(tx, claimed)).catch_unwind();
    match tokio::time::timeout(entry.spec.limit, caught).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(panic)) => Err(JobError::Panicked(panic_text(panic.as_ref()))),
        Err(_) => Err(JobError::Overdue(entry.spec.limit)),
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
