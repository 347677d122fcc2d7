//! Recording how a run ended, also while the database is away.

use crate::context::Context;
use crate::error::{JobError, chain};
use crate::run::Run;
use crate::spec::Spec;
use crate::{metrics, retry, trace};
use futures_util::future::BoxFuture;
use policy::decision::Alert;
use serde_json::json;
use std::time::Duration;
use store::jobs::{Claimed, Failure, FailureKind};
use store::{Fault, StoreError};

/// Does something with the store again and again until it succeeds, the error is not the server's, or the worker
/// stops. In this way a database that is away holds work up, in hand and bounded, instead of spinning through it.
pub(crate) async fn patiently<'a, T>(
    context: &Context,
    what: &'static str,
    attempt: impl Fn() -> BoxFuture<'a, Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    let mut failures = 0;
    loop {
        let error = match attempt().await {
            Err(error) if error.fault() == Fault::Transient => error,
            done => return done,
        };
        failures += 1;
        let wait = retry::reconnect(failures);
        let retry_in_ms = wait.as_millis();
        let said = if error.sqlstate().is_some() {
            "the database cannot do it now"
        } else {
            "the database did not answer"
        };
        tracing::warn!(what, error = chain(&error), retry_in_ms, "{said}");
        metrics::store_trouble(what);
        tokio::select! {
            () = context.stop.cancelled() => return Err(error),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Runs of a job that may lose the database before that counts as a failure: a statement that takes the server with it is
/// such a loss too.
const LOSSES_MAX: i16 = 20;
/// No job that lost the database waits longer for another run.
const LOSS_RETRY_MAX: Duration = Duration::from_mins(1);

/// Records a failed attempt: waiting again after a delay, or a dead letter with its reason (R-JOB-3).
pub(crate) async fn failure(
    context: &Context,
    spec: &Spec,
    job: &Claimed,
    run: Run,
    error: &JobError,
) {
    // Claims of it that ended without a failure, this one included.
    let losses = job.attempt.saturating_sub(job.failures);
    if error.is_of_the_connection() && losses <= LOSSES_MAX {
        return put_back(context, spec, job, run, error).await;
    }
    let kind = error.kind();
    let failures = job.failures.saturating_add(1);
    let is_dead = kind == FailureKind::Permanent || failures >= spec.failures_max;
    let text = chain(error);
    let ending = Ending {
        spec,
        job,
        kind,
        error: &text,
        failures,
        is_dead,
    };
    let recording = patiently(context, "record a failure", || {
        Box::pin(record(context, &ending))
    });
    let recorded = run.around(recording).await;
    let kind = kind.as_str();
    match recorded {
        Ok(true) => metrics::job_failed(spec, kind, is_dead),
        Ok(false) => metrics::stale(spec),
        Err(error) => {
            // Its lease ends by itself and the rescue takes it from there.
            let telling =
                async { tracing::error!(error = chain(&error), "a failure could not be recorded") };
            run.around(telling).await;
        }
    }
    run.failed(error, is_dead);
}

/// Gives a job back that its run could not do for want of the database, without a failure: five brown-outs are no reason to
/// bury it.
async fn put_back(context: &Context, spec: &Spec, job: &Claimed, run: Run, error: &JobError) {
    let losses = job.attempt.saturating_sub(job.failures).unsigned_abs();
    let wait = retry::delay(u32::from(losses), spec.retry_base, LOSS_RETRY_MAX);
    let giving = patiently(context, "record a failure", || {
        Box::pin(async {
            let tx = context.store.begin().await?;
            let run_at = tx.now().after_machine(wait);
            let is_ours = tx.put_back(job.id, job.attempt, run_at).await?;
            trace::commit(tx).await?;
            Ok(is_ours)
        })
    });
    match run.around(giving).await {
        Ok(true) => metrics::put_back(spec),
        Ok(false) => metrics::stale(spec),
        Err(error) => {
            // Its lease ends by itself and the rescue takes it from there.
            let telling =
                async { tracing::error!(error = chain(&error), "a job could not be put back") };
            run.around(telling).await;
        }
    }
    run.put_back(error);
}

/// How an attempt ended.
struct Ending<'a> {
    spec: &'a Spec,
    job: &'a Claimed,
    kind: FailureKind,
    error: &'a str,
    failures: i16,
    is_dead: bool,
}

/// False: the job was another's by then, and nothing is written.
async fn record(context: &Context, ending: &Ending<'_>) -> Result<bool, StoreError> {
    let Ending {
        spec,
        job,
        kind,
        error,
        failures,
        is_dead,
    } = *ending;
    let tx = context.store.begin().await?;
    // Rows that moved on are looked at again at once.
    let wait = match kind {
        FailureKind::Superseded => Duration::ZERO,
        _ => retry::delay(
            u32::from(failures.unsigned_abs()),
            spec.retry_base,
            retry::JOB_RETRY_MAX,
        ),
    };
    let retry_at = (!is_dead).then(|| tx.now().after_machine(wait));
    let failure = Failure {
        job: job.id,
        attempt: job.attempt,
        kind,
        error,
        retry_at,
        worker: &context.name,
    };
    let is_ours = tx.fail(&failure).await?;
    let mut alerts = vec![];
    if is_dead && is_ours {
        let detail = json!({ "kind": spec.kind.name, "job": job.id, "fault": kind.as_str(), "error": error });
        // By kind and cause, not by job: each tick's dead letter counts one row up.
        let subject = format!("{} {}", spec.kind.name, kind.as_str());
        alerts.push(Alert {
            code: "dead_letter",
            subject,
            detail,
        });
    }
    tx.raise(&alerts).await?;
    trace::commit(tx).await?;
    metering::count_alerts(&alerts);
    Ok(is_ours)
}
