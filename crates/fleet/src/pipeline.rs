//! What happens to a delivery.
//!
//! A doorbell names jobs of one kind. Set-based jobs are run together, in one transaction that also closes them; only
//! if that fails, or if the doorbell came a second time because a worker died over it, are they leased and run one by
//! one, so that a poison job fails alone. Deciding jobs are always leased, each in its own task. The doorbell is
//! settled after the last commit (R-JOB-3); lost, it would have been rung again.

use crate::context::Context;
use crate::error::chain;
use crate::job::{Entry, Run, find};
use crate::record::patiently;
use crate::{decide, metrics, sweep};
use broker::{Delivery, Doorbell, Settled, Settlement};
use policy::decision::Alert;
use serde_json::json;
use std::sync::Arc;
use store::StoreError;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Runs what a delivery names, and settles it.
pub(crate) async fn handle(context: Arc<Context>, delivery: Delivery) {
    let _slot = metrics::slot(&delivery.queue);
    let settlement = match &delivery.message {
        Ok(bell) => match find(&context.roster, &bell.kind).copied() {
            Some(entry) => {
                let batch = delivery.message_id.unwrap_or_else(Uuid::now_v7);
                run(&context, entry, bell, delivery.redelivered, batch).await
            }
            None => leave(&context, bell).await,
        },
        Err(undecodable) => {
            let why = chain(undecodable);
            report_undecodable(&context, &delivery.queue, &why).await;
            Settlement::Reject
        }
    };
    metrics::delivery_settled(&delivery.queue, settlement);
    if delivery.settle(settlement).await == Settled::Lost {
        // The broker rings again and finds everything closed.
        tracing::debug!("an acknowledgement was lost with its connection");
    }
}

/// Runs jobs of one kind as their doorbell would, without a broker: for simulated time, where nobody rings.
pub async fn ring(context: &Arc<Context>, kind: &str, jobs: &[Uuid]) {
    let Some(entry) = find(&context.roster, kind).copied() else {
        return;
    };
    for part in jobs.chunks(usize::from(entry.spec.batch_max)) {
        let bell = Doorbell {
            kind: kind.to_owned(),
            jobs: part.to_vec(),
            traceparent: None,
        };
        run(context, entry, &bell, false, Uuid::now_v7()).await;
    }
}

async fn run(
    context: &Arc<Context>,
    entry: Entry,
    bell: &Doorbell,
    redelivered: bool,
    batch: Uuid,
) -> Settlement {
    let mut left = bell.jobs.clone();
    if let Run::Sweep(runner) = entry.run
        && !redelivered
    {
        match sweep::together(context, &entry, runner, &left, batch).await {
            Ok(done) => left.retain(|id| !done.contains(id)),
            // Not even claimed.
            Err(error) => tracing::warn!(
                kind = bell.kind,
                jobs = left.len(),
                error = chain(&error),
                "jobs could not be claimed together; running them one by one"
            ),
        }
    }
    if left.is_empty() {
        return Settlement::Done;
    }
    match each(context, entry, &left).await {
        Ok(()) => Settlement::Done,
        Err(error) => {
            tracing::warn!(
                kind = bell.kind,
                error = chain(&error),
                "a doorbell goes back: the database is away"
            );
            Settlement::Requeue
        }
    }
}

/// Leases what can be leased and runs it, each job by itself. What is done, paused, not due or leased to somebody
/// else is simply not in the claim.
async fn each(context: &Arc<Context>, entry: Entry, ids: &[Uuid]) -> Result<(), StoreError> {
    let kind = entry.spec.kind;
    let bell = store::jobs::Doorbell {
        kind: kind.name,
        version_max: kind.version,
        jobs: ids,
    };
    let claimed = patiently(context, "claim jobs", || {
        Box::pin(async {
            let tx = context.store.begin().await?;
            let claimed = tx
                .claim_leasing(&bell, &context.name, Context::lease(entry.spec.limit))
                .await?;
            if claimed.len() < ids.len() {
                tx.leave(ids, &context.known()).await?;
            }
            tx.finish().await?;
            Ok(claimed)
        })
    })
    .await?;
    let mut runs = JoinSet::new();
    match entry.run {
        Run::Act(runner) if !claimed.is_empty() => {
            runs.spawn(runner(Arc::clone(context), entry, claimed));
        }
        Run::Act(_) => {}
        Run::Decide(runner) => {
            for job in claimed {
                runs.spawn(decide::one(Arc::clone(context), entry, runner, job));
            }
        }
        Run::Sweep(runner) => {
            for job in claimed {
                let context = Arc::clone(context);
                runs.spawn(async move { sweep::alone(&context, &entry, runner, job).await });
            }
        }
    }
    while runs.join_next().await.is_some() {}
    Ok(())
}

/// Jobs of a kind that this build does not know stay for a newer worker (R-JOB-5).
async fn leave(context: &Context, bell: &Doorbell) -> Settlement {
    tracing::info!(
        kind = bell.kind,
        jobs = bell.jobs.len(),
        "left for a worker that knows this kind"
    );
    metrics::jobs_left(&bell.jobs);
    let noted = patiently(context, "leave jobs", || {
        Box::pin(async {
            let tx = context.store.begin().await?;
            tx.leave(&bell.jobs, &context.known()).await?;
            tx.finish().await
        })
    })
    .await;
    match noted {
        Ok(()) => Settlement::Done,
        Err(_) => Settlement::Requeue,
    }
}

async fn report_undecodable(context: &Context, queue: &str, why: &str) {
    tracing::error!(queue, why, "an undecodable message goes to the dead queue");
    let alert = [Alert {
        code: "undecodable_message",
        subject: queue.to_owned(),
        detail: json!({ "queue": queue, "why": why }),
    }];
    let raised = patiently(context, "raise an alert", || {
        Box::pin(async {
            let tx = context.store.begin().await?;
            tx.raise(&alert).await?;
            tx.finish().await
        })
    })
    .await;
    match raised {
        Ok(()) => metrics::alerts(&alert),
        Err(error) => tracing::warn!(error = chain(&error), "the alert could not be raised"),
    }
}
