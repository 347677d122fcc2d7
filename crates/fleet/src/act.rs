//! Running outward jobs: reserve together, then each starts, calls once and settles in a task of its own (R-CAP-5).
//!
//! What a crash leaves behind is told by the rows: before `start` is committed nobody called, and the job simply runs
//! again; after it the next run finds the call begun, and settles it as unknown. Nothing on this page calls twice.

use crate::context::Context;
use crate::error::JobError;
use crate::job::{Act, Job, Turn};
use crate::look::Look;
use crate::panics::caught;
use crate::run::{Ended, Run};
use crate::spec::Spec;
use crate::supervise::supervise;
use crate::sweep::read;
use crate::{metrics, record, retry, trace};
use futures_util::future::BoxFuture;
use policy::decision::Alert;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use store::jobs::{Claimed, Failure, FailureKind};
use store::{Applied, Author, Fault, StoreError};
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
            let going = go::<J>(Arc::clone(&context), spec, job.clone(), turn);
            runs.spawn(supervise(Arc::clone(&context), spec, job, going));
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
    let (ticket, outcome) = match turn {
        Turn::Over => {
            metrics::jobs_done(
                &spec,
                std::slice::from_ref(&look.job),
                started_at,
                began.elapsed(),
            );
            return Ok(Ended::Done);
        }
        Turn::Vanished(ticket) => (ticket, J::vanished()),
        Turn::Go(ticket) => {
            let permit = start::<J>(&context, &ticket).await?;
            let Some(permit) = permit else {
                return Err(StoreError::Superseded {
                    what: "the reservation",
                }
                .into());
            };
            let outcome = J::call(&look, permit).await;
            (ticket, outcome)
        }
    };
    let how = settle::<J>(&context, &spec, &look, &ticket, &outcome).await?;
    metrics::jobs_done(
        &spec,
        std::slice::from_ref(&look.job),
        started_at,
        began.elapsed(),
    );
    Ok(how)
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

/// Writes what came of the call, also while the database is away: the outcome is known here and nowhere else.
async fn settle<J: Act>(
    context: &Context,
    spec: &Spec,
    look: &Look,
    ticket: &J::Ticket,
    outcome: &J::Outcome,
) -> Result<Ended, JobError> {
    let mut failures = 0;
    loop {
        let error = match settle_once::<J>(context, spec, look, ticket, outcome).await {
            Err(JobError::Store(error)) if error.fault() == Fault::Transient => error,
            ended => return ended,
        };
        failures += 1;
        let wait = retry::reconnect(failures);
        tracing::warn!(
            error = crate::chain(&error),
            retry_in_ms = wait.as_millis(),
            "an outcome waits for the database"
        );
        metrics::store_trouble("settle");
        tokio::time::sleep(wait).await;
    }
}

async fn settle_once<J: Act>(
    context: &Context,
    spec: &Spec,
    look: &Look,
    ticket: &J::Ticket,
    outcome: &J::Outcome,
) -> Result<Ended, JobError> {
    let job = &look.job;
    let here = trace::current().map(|step| step.to_string());
    let by = Author {
        actor: &context.name,
        job: Some(job.id.0),
        schedule: job.schedule.as_deref(),
        traceparent: here.as_deref(),
    };
    let tx = context.store.begin().await?;
    let written = async {
        let facts = J::facts(&tx, ticket).await?;
        let settled = facts.map(|facts| J::settle(facts, outcome, tx.now().at));
        let applied = match &settled {
            Some(settled) => tx.apply(&settled.decision, &by).await?,
            None => Applied::default(),
        };
        let alerts = match settled.as_ref().and_then(|settled| settled.dead.as_deref()) {
            None => {
                tx.close(&[(job.id, job.attempt)]).await?;
                vec![]
            }
            Some(why) => bury(&tx, context, spec, job, why).await?,
        };
        tx.ring_closed();
        Ok((settled, applied, alerts))
    }
    .await;
    match written {
        Ok((settled, applied, alerts)) => {
            trace::commit(tx).await?;
            metering::count_alerts(&alerts);
            let Some(settled) = settled else {
                return Ok(Ended::Done);
            };
            metrics::applied(&settled.decision, &applied);
            if settled.dead.is_none() {
                return Ok(Ended::Done);
            }
            metrics::job_failed(spec, FailureKind::Permanent.as_str(), true);
            Ok(Ended::Dead)
        }
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}

/// The call's end is settled, and the job is a dead letter for a person to look at (R-JOB-3).
async fn bury(
    tx: &store::Tx,
    context: &Context,
    spec: &Spec,
    job: &Claimed,
    why: &str,
) -> Result<Vec<Alert>, JobError> {
    let failure = Failure {
        job: job.id,
        attempt: job.attempt,
        kind: FailureKind::Permanent,
        error: why,
        retry_at: None,
        worker: &context.name,
    };
    if !tx.fail(&failure).await? {
        return Err(StoreError::Superseded {
            what: "the job's attempt",
        }
        .into());
    }
    let kind = spec.kind.name;
    let alerts = vec![Alert {
        code: "dead_letter",
        subject: format!("{kind} permanent"),
        detail: json!({ "kind": kind, "job": job.id, "fault": "permanent", "error": why }),
    }];
    tx.raise(&alerts).await?;
    Ok(alerts)
}
