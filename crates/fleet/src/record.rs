//! Recording how a run ended, also while the database is away.

use crate::context::Context;
use crate::error::{JobError, chain};
use crate::run::Run;
use crate::spec::Spec;
use crate::{metrics, retry, trace};
use futures_util::future::BoxFuture;
use policy::decision::Alert;
use policy::ids::JobId;
use serde_json::json;
use std::time::Duration;
use store::jobs::{Blame, Claimed, Failure, FailureKind};
use store::{Fault, StoreError};
use uuid::Uuid;

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
        alerts.push(dead_letter(spec, job.id, kind, error));
    }
    tx.raise(&alerts).await?;
    trace::commit(tx).await?;
    metering::count_alerts(&alerts);
    Ok(is_ours)
}

/// The alert of a dead letter: by kind and cause, not by job, for each tick's dead letter counts one row up.
fn dead_letter(spec: &Spec, job: JobId, kind: FailureKind, error: &str) -> Alert {
    let (name, fault) = (spec.kind.name, kind.as_str());
    Alert {
        code: "dead_letter",
        subject: format!("{name} {fault}"),
        detail: json!({ "kind": name, "job": job, "fault": fault, "error": error }),
    }
}

/// Makes a dead letter of a job whose row no claim gets past (R-JOB-3): it holds what this build cannot read, or what no claim
/// can write.
pub(crate) async fn unclaimable(
    context: &Context,
    spec: &Spec,
    job: Uuid,
    (why, blame): (&str, Blame),
) {
    let (job, kind) = (JobId(job), FailureKind::Permanent);
    let burying = patiently(context, "record a failure", || {
        Box::pin(async {
            let tx = context.store.begin().await?;
            let is_dead = tx.bury_unclaimable(job, blame, why, &context.name).await?;
            let mut alerts = vec![];
            if is_dead {
                alerts.push(dead_letter(spec, job, kind, why));
            }
            tx.raise(&alerts).await?;
            tx.finish().await?;
            metering::count_alerts(&alerts);
            Ok(is_dead)
        })
    });
    match burying.await {
        Ok(true) => {
            metrics::job_failed(spec, kind.as_str(), true);
            tracing::warn!(job_id = %job, kind = spec.kind.name, queue = spec.kind.queue.as_str(), outcome = "dead", error = why,
                           "a job that cannot be claimed is a dead letter");
        }
        // It waits no more; or others are refused too, and it is not to blame.
        Ok(false) => {}
        Err(error) => {
            // It waits, and is rung for again.
            tracing::warn!(job_id = %job, error = chain(&error), "a job that cannot be claimed could not be set aside");
        }
    }
}
