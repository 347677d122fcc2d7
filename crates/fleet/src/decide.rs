//! Running deciding jobs: each is leased, gathers and decides in a task of its own, and commits with its end.

use crate::context::Context;
use crate::error::JobError;
use crate::job::Decide;
use crate::look::Look;
use crate::run::Ended;
use crate::spec::Spec;
use crate::supervise::{OutcomeInHand, supervise};
use crate::{metrics, trace};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use policy::decision::Decision;
use std::sync::Arc;
use std::time::Instant;
use store::jobs::Claimed;
use store::{Applied, Author};

/// Outcome of deciding.
pub(crate) struct Decided {
    /// Effects to commit.
    pub(crate) decision: Decision,
    /// Rows or items that were looked at.
    pub(crate) seen: u64,
}

/// Decides on gathered facts; the instant is asked for after they are in.
pub(crate) type Deciding = Box<dyn FnOnce(Timestamp) -> Result<Decided, JobError> + Send>;
/// Gathers the facts of one job.
pub(crate) type Runner = for<'a> fn(&'a Look) -> BoxFuture<'a, Result<Deciding, JobError>>;

/// The [`Runner`] of a [`Decide`].
pub(crate) fn run<J: Decide>(look: &Look) -> BoxFuture<'_, Result<Deciding, JobError>> {
    Box::pin(async move {
        let payload =
            serde_json::from_value(look.job.payload.clone()).map_err(JobError::Payload)?;
        let facts = J::gather(look, payload).await?;
        let decide = move |now| {
            let decision = J::decide(facts, now);
            Ok(Decided { decision, seen: 0 })
        };
        Ok(Box::new(decide) as Deciding)
    })
}

/// Runs one leased job to its end.
pub(crate) async fn one(context: Arc<Context>, spec: Spec, runner: Runner, job: Claimed) {
    let look = Look {
        store: context.store.clone(),
        provider: Arc::clone(&context.provider),
        tools: context.tools.clone(),
        job: job.clone(),
        limit: spec.limit,
    };
    let inner = Arc::clone(&context);
    let run = async move { act(&inner, spec, runner, &look).await };
    supervise(context, spec, job, OutcomeInHand::default(), run).await;
}

async fn act(
    context: &Context,
    spec: Spec,
    runner: Runner,
    look: &Look,
) -> Result<Ended, JobError> {
    let (started_at, began) = (look.clock().await?, Instant::now());
    let decide = runner(look).await?;
    let Decided { decision, seen } = decide(look.now().await?)?;
    let applied = commit(context, look, &decision).await?;
    metrics::jobs_done(
        &spec,
        std::slice::from_ref(&look.job),
        started_at,
        began.elapsed(),
    );
    metrics::applied(&decision, &applied);
    metrics::rows(&spec, seen, applied.changed);
    tracing::debug!(
        changed = applied.changed,
        moved = applied.moved,
        enqueued = applied.jobs,
        "decided"
    );
    Ok(Ended::Done)
}

async fn commit(context: &Context, look: &Look, decision: &Decision) -> Result<Applied, JobError> {
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
        let applied = tx.apply(decision, &by).await?;
        tx.close(&[(job.id, job.attempt)]).await?;
        tx.ring_closed();
        Ok(applied)
    }
    .await;
    match written {
        Ok(applied) => trace::commit(tx)
            .await
            .map(|()| applied)
            .map_err(JobError::from),
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}
