//! A run in a task of its own, with a limit. Never aborted: a run that outlives its limit is recorded as failed and left
//! to itself, for its fence makes it harmless. One that knows what nobody else does has no limit any more.

use crate::context::Context;
use crate::error::JobError;
use crate::metrics;
use crate::panics::caught;
use crate::record;
use crate::run::{Ended, Run};
use crate::spec::Spec;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::jobs::{Claimed, FailureKind};
use tokio::task::JoinHandle;

/// Mark of a run whose call has ended: from then on it holds an outcome that is known nowhere else, and only waits for the
/// database.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutcomeInHand(Arc<AtomicBool>);

impl OutcomeInHand {
    /// Notes that the call has ended.
    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The end of the limit, for a run that holds no outcome by then; never, for one that does.
    async fn overdue(&self, limit: Duration) {
        tokio::time::sleep(limit).await;
        if self.0.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

/// Does `work`, which is of `job`, to its end or its limit, and records a failure.
pub(crate) async fn supervise(
    context: Arc<Context>,
    spec: Spec,
    job: Claimed,
    in_hand: OutcomeInHand,
    work: impl Future<Output = Result<Ended, JobError>> + Send + 'static,
) {
    let limit = spec.limit;
    let _in_flight = metrics::in_flight(spec.kind.queue, 1);
    let run = Run::single(&spec, &job);
    // A task of its own, never aborted: a panic ends only it, and nothing drops it at an await.
    let mut working = context.runs.spawn(run.around(caught(work)));
    let ended = tokio::select! {
        biased;
        ended = &mut working => match ended {
            Ok(ended) => ended,
            // Panics are caught inside; only the runtime's end ends a task so.
            Err(_) => Err(JobError::Panicked("its task was ended".to_owned())),
        },
        () = in_hand.overdue(limit) => {
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
