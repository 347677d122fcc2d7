//! A run in a task of its own, with a limit. Never aborted: a run that outlives its limit is recorded as failed and left
//! to itself, for its fence makes it harmless.

use crate::context::Context;
use crate::error::JobError;
use crate::job::{Entry, Spec};
use crate::metrics;
use crate::record;
use crate::sweep::panic_text;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::jobs::{Claimed, FailureKind};
use tokio::task::JoinHandle;

/// Runs `run`, which is of `job`, to its end or its limit, and records a failure.
pub(crate) async fn supervise(
    context: Arc<Context>,
    entry: Entry,
    job: Claimed,
    run: impl Future<Output = Result<(), JobError>> + Send + 'static,
) {
    let limit = entry.spec.limit;
    let _in_flight = metrics::in_flight(entry.spec.kind.queue, 1);
    // A task of its own, never aborted: a panic ends only it, and nothing drops it at an await.
    let mut run = context.runs.spawn(run);
    let ended = match tokio::time::timeout(limit, &mut run).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(stopped)) => Err(panicked(stopped)),
        Err(_) => {
            watch_overdue(&context, entry.spec, run);
            Err(JobError::Overdue(limit))
        }
    };
    if let Err(error) = ended {
        record::failure(&context, &entry.spec, &job, &error).await;
    }
}

/// Counts a run that outlived its limit for as long as it goes on.
fn watch_overdue(context: &Arc<Context>, spec: Spec, run: JoinHandle<Result<(), JobError>>) {
    context.overdue.fetch_add(1, Ordering::Relaxed);
    let counting = Arc::clone(context);
    context.runs.spawn(async move {
        // However it ends: its job was given up long ago.
        if let Ok(Err(error)) = run.await
            && error.kind() == FailureKind::Superseded
        {
            metrics::stale(&spec);
        }
        counting.overdue.fetch_sub(1, Ordering::Relaxed);
    });
}

fn panicked(stopped: tokio::task::JoinError) -> JobError {
    match stopped.try_into_panic() {
        Ok(panic) => JobError::Panicked(panic_text(panic.as_ref())),
        Err(stopped) => JobError::Panicked(stopped.to_string()),
    }
}
