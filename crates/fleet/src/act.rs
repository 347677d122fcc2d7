//! Running outward jobs: reserve together, then each starts, calls once and settles in a task of its own (R-CAP-5).
//!
//! What a crash leaves behind is told by the rows: before `start` is committed nobody called, and the job simply runs
//! again; after it the next run finds the call begun, and settles it as unknown. Nothing on this page calls twice.

mod settling;

use crate::context::Context;
use crate::error::JobError;
use crate::job::{Act, Job, Turn};
use crate::look::Look;
use crate::panics::caught;
use crate::run::{Ended, Run};
use crate::spec::Spec;
use crate::supervise::{OutcomeInHand, supervise};
use crate::sweep::read;
use crate::{metrics, record, trace};
use futures_util::future::BoxFuture;
use settling::{Call, Caller, JobEnd, settle};
use std::sync::Arc;
use std::time::Instant;
use store::jobs::{Claimed, FailureKind};
use store::{Author, StoreError};
use tokio::task::JoinSet;

/// Runs leased jobs to their ends.
pub(crate) type Runner = fn(Arc<Context>, Spec, Vec<Claimed>) -> BoxFuture<'static, ()>;

/// The [`Runner`] of an [`Act`].
pub(crate) fn run<J: Act>(
    context: Arc<Context>,
    spec: Spec,
    jobs: Vec<Claimed>,
) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let reserving = Run::reserving(&spec, &jobs);
        let turns = match reserving.around(reserve::<J>(&context, spec, &jobs)).await {
            Ok(turns) => turns,
            Err(error) if jobs.len() == 1 => {
                return record::failure(&context, &spec, &jobs[0], reserving, &error).await;
            }
            Err(error) if error.is_of_the_connection() => {
                // Nobody is to blame, and each would wait for the database by itself.
                reserving.failed(&error, false);
                for job in jobs {
                    let run = Run::single(&spec, &job);
                    record::failure(&context, &spec, &job, run, &error).await;
                }
                return;
            }
            Err(error) => {
                // Nothing is written; whoever is to blame is found by reserving alone.
                reserving.failed(&error, false);
                for job in jobs {
                    Box::pin(run::<J>(Arc::clone(&context), spec, vec![job])).await;
                }
                return;
            }
        };
        // What follows is of each job's own run.
        drop(reserving);
        let mut runs = JoinSet::new();
        for (job, turn) in jobs.into_iter().zip(turns) {
            let in_hand = OutcomeInHand::default();
            let going = go::<J>(
                Arc::clone(&context),
                spec,
                job.clone(),
                turn,
                in_hand.clone(),
            );
            runs.spawn(supervise(Arc::clone(&context), spec, job, in_hand, going));
        }
        while runs.join_next().await.is_some() {}
    })
}

/// Takes capacity for all jobs, in one transaction that also ends those that may not go.
async fn reserve<J: Act>(
    context: &Context,
    spec: Spec,
    claimed: &[Claimed],
) -> Result<Vec<Turn<J::Ticket>>, JobError> {
    let jobs: Vec<Job<J::Payload>> = claimed.iter().map(read).collect::<Result<_, _>>()?;
    let tx = context.store.begin().await?;
    let by = Author {
        actor: &context.name,
        job: None,
        schedule: None,
        traceparent: claimed.first().and_then(|job| job.traceparent.as_deref()),
    };
    let work = caught(J::reserve(&tx, &jobs, &by, &context.tools));
    let reserved = tokio::time::timeout(spec.limit, work).await;
    let reserved = reserved.unwrap_or(Err(JobError::Overdue(spec.limit)));
    let closing = async {
        let turns = reserved?;
        let over: Vec<_> = claimed
            .iter()
            .zip(&turns)
            .filter(|(_, turn)| matches!(turn, Turn::Over))
            .map(|(job, _)| (job.id, job.attempt))
            .collect();
        if !over.is_empty() {
            tx.close(&over).await?;
            tx.ring_closed();
        }
        Ok(turns)
    }
    .await;
    match closing {
        Ok(turns) => {
            trace::commit(tx).await?;
            Ok(turns)
        }
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}

async fn go<J: Act>(
    context: Arc<Context>,
    spec: Spec,
    job: Claimed,
    turn: Turn<J::Ticket>,
    in_hand: OutcomeInHand,
) -> Result<Ended, JobError> {
    let began = Instant::now();
    let look = Look {
        store: context.store.clone(),
        provider: Arc::clone(&context.provider),
        tools: context.tools.clone(),
        job,
        limit: spec.limit,
    };
    let started_at = look.clock().await?;
    let end = match turn {
        Turn::Over => JobEnd::Closed,
        Turn::Vanished(ticket) => {
            let call = Call::<J> {
                ticket,
                outcome: J::vanished(),
                caller: Caller::Vanished,
            };
            settle(&context, &spec, &look, &call).await?
        }
        Turn::Go(ticket) => {
            let permit = start::<J>(&context, &ticket).await?;
            let Some(permit) = permit else {
                return Err(StoreError::Superseded {
                    what: "the reservation",
                }
                .into());
            };
            let outcome = J::call(&look, permit).await;
            in_hand.note();
            let call = Call::<J> {
                ticket,
                outcome,
                caller: Caller::ThisRun,
            };
            settle(&context, &spec, &look, &call).await?
        }
    };
    let jobs = std::slice::from_ref(&look.job);
    Ok(match end {
        JobEnd::Closed => {
            metrics::jobs_done(&spec, jobs, started_at, began.elapsed());
            Ended::Done
        }
        JobEnd::Dead => {
            metrics::jobs_done(&spec, jobs, started_at, began.elapsed());
            metrics::job_failed(&spec, FailureKind::Permanent.as_str(), true);
            Ended::Dead
        }
        JobEnd::Others => {
            metrics::stale(&spec);
            Ended::Done
        }
    })
}

async fn start<J: Act>(
    context: &Context,
    ticket: &J::Ticket,
) -> Result<Option<J::Permit>, JobError> {
    let tx = context.store.begin().await?;
    match J::start(&tx, ticket, &context.tools).await {
        // The permission is used only if its commit is certain: what is not may have begun, and is found so later.
        Ok(permit) => {
            trace::commit(tx).await?;
            Ok(permit)
        }
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}
