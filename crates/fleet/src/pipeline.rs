//! What happens to a delivery.
//!
//! A doorbell names jobs of one kind. Set-based jobs are run together, in one transaction that also closes them; only
//! if that fails, or if the doorbell came a second time because a worker died over it, are they leased and run one by
//! one, so that a poison job fails alone. Deciding jobs are always leased, each in its own task. The doorbell is
//! settled after the last commit (R-JOB-3); lost, it would have been rung again.

use crate::context::Context;
use crate::error::chain;
use crate::record::patiently;
use crate::roster::{Entry, Runner, find, known};
use crate::{decide, metrics, sweep};
use broker::{Delivery, Doorbell, Settled, Settlement};
use policy::decision::Alert;
use serde_json::json;
use std::sync::Arc;
use store::StoreError;
use tokio::task::JoinSet;
use uuid::Uuid;

/// A worker's shared state and the jobs that it knows.
pub struct Pipeline {
    context: Arc<Context>,
    roster: Vec<Entry>,
}

impl Pipeline {
    /// A pipeline for the jobs of `roster`.
    pub fn new(context: Arc<Context>, roster: Vec<Entry>) -> Self {
        Self { context, roster }
    }

    /// State that every run shares.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Kinds of job that this worker knows.
    pub fn roster(&self) -> &[Entry] {
        &self.roster
    }

    /// Runs what a delivery names, and settles it.
    pub(crate) async fn handle(self: Arc<Self>, delivery: Delivery) {
        let _slot = metrics::slot(&delivery.queue);
        let settlement = match &delivery.message {
            Ok(bell) => match find(&self.roster, &bell.kind).copied() {
                Some(entry) => {
                    let batch = delivery.message_id.unwrap_or_else(Uuid::now_v7);
                    self.run(entry, bell, delivery.redelivered, batch).await
                }
                None => self.leave(bell).await,
            },
            Err(undecodable) => {
                let why = chain(undecodable);
                report_undecodable(&self.context, &delivery.queue, &why).await;
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
    pub async fn ring(&self, kind: &str, jobs: &[Uuid]) {
        let Some(entry) = find(&self.roster, kind).copied() else {
            return;
        };
        for part in jobs.chunks(usize::from(entry.spec.batch_max)) {
            let bell = Doorbell {
                kind: kind.to_owned(),
                jobs: part.to_vec(),
                traceparent: None,
            };
            self.run(entry, &bell, false, Uuid::now_v7()).await;
        }
    }

    async fn run(
        &self,
        entry: Entry,
        bell: &Doorbell,
        redelivered: bool,
        batch: Uuid,
    ) -> Settlement {
        let mut left = bell.jobs.clone();
        if let Runner::Sweep(runner) = entry.runner
            && !redelivered
        {
            match sweep::together(&self.context, &entry.spec, runner, &left, batch).await {
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
        match self.run_each(entry, &left).await {
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
    async fn run_each(&self, entry: Entry, ids: &[Uuid]) -> Result<(), StoreError> {
        let context = &self.context;
        let spec = entry.spec;
        let bell = store::jobs::Doorbell {
            kind: spec.kind.name,
            version_max: spec.kind.version,
            jobs: ids,
        };
        let claimed = patiently(context, "claim jobs", || {
            Box::pin(async {
                let tx = context.store.begin().await?;
                let claimed = tx
                    .claim_leasing(&bell, &context.name, Context::lease(spec.limit))
                    .await?;
                if claimed.len() < ids.len() {
                    tx.leave(ids, &known(&self.roster)).await?;
                }
                tx.finish().await?;
                Ok(claimed)
            })
        })
        .await?;
        let mut runs = JoinSet::new();
        match entry.runner {
            Runner::Act(runner) if !claimed.is_empty() => {
                runs.spawn(runner(Arc::clone(context), spec, claimed));
            }
            Runner::Act(_) => {}
            Runner::Decide(runner) => {
                for job in claimed {
                    runs.spawn(decide::one(Arc::clone(context), spec, runner, job));
                }
            }
            Runner::Sweep(runner) => {
                for job in claimed {
                    let context = Arc::clone(context);
                    runs.spawn(async move { sweep::alone(&context, &spec, runner, job).await });
                }
            }
        }
        while runs.join_next().await.is_some() {}
        Ok(())
    }

    /// Jobs of a kind that this build does not know stay for a newer worker (R-JOB-5).
    async fn leave(&self, bell: &Doorbell) -> Settlement {
        let context = &self.context;
        tracing::info!(
            kind = bell.kind,
            jobs = bell.jobs.len(),
            "left for a worker that knows this kind"
        );
        metrics::jobs_left(&bell.jobs);
        let noted = patiently(context, "leave jobs", || {
            Box::pin(async {
                let tx = context.store.begin().await?;
                tx.leave(&bell.jobs, &known(&self.roster)).await?;
                tx.finish().await
            })
        })
        .await;
        match noted {
            Ok(()) => Settlement::Done,
            Err(_) => Settlement::Requeue,
        }
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
        Ok(()) => metering::count_alerts(&alert),
        Err(error) => tracing::warn!(error = chain(&error), "the alert could not be raised"),
    }
}
