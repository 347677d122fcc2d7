//! A run in a task of its own, with a limit. Never aborted: a run that outlives its limit is recorded as failed and left
//! to itself, for its fence makes it harmless.

use crate::context::Context;
use crate::error::JobError;
use crate::metrics;
use crate::panics::caught;
use crate::record;
use crate::run::{Ended, Run};
use crate::spec::Spec;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::jobs::{Claimed, FailureKind};
use tokio::task::JoinHandle;

/// Does `work`, which is of `job`, to its end or its limit, and records a failure.
pub(crate) async fn supervise(
    context: Arc<Context>,
    spec: Spec,
    job: Claimed,
    work: impl Future<Output = Result<Ended, JobError>> + Send + 'static,
) {
    let limit = spec.limit;
    let _in_flight = metrics::in_flight(spec.kind.queue, 1);
    let run = Run::single(&spec, &job);
    // A task of its own, never aborted: a panic ends only it, and nothing drops it at an await.
    let mut working = context.runs.spawn(run.around(caught(work)));
    let ended = match tokio::time::timeout(limit, &mut working).await {
        Ok(Ok(ended)) => ended,
        // Panics are caught inside; only the runtime's end ends a task so.
        Ok(Err(_)) => Err(JobError::Panicked("its task was ended".to_owned())),
        Err(_) => {
            watch_overdue(&context, spec, working);
            Err(JobError::Overdue(limit))
        }
    };
    match ended {
        Ok(how) => run.ended(how),
        Err(error) => record::failure(&context, &spec, &job, run, &error).await,
    }
}

/// Counts a run that outlived its limit for as long as it goes on.
fn watch_overdue(context: &Arc<Context>, spec: Spec, run: JoinHandle<Result<Ended, JobError>>) {
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
