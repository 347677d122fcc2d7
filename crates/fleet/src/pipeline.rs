//! What happens to a delivery.
//!
//! A doorbell names jobs of one kind. Set-based jobs are run together, in one transaction that also closes them; only
//! if that fails, or if the doorbell came a second time because a worker died over it, are they leased and run one by
//! one, so that a poison job fails alone. Deciding jobs are always leased, each in its own task. The doorbell is
//! settled after the last commit (R-JOB-3); lost, it would have been rung again.

use crate::context::Context;
use crate::error::chain;
use crate::intake::{Intake, OddRows, Unclaimed};
use crate::record::patiently;
use crate::roster::{Entry, Runner, find, known};
use crate::{decide, metrics, record, sweep};
use broker::{Delivery, Doorbell, Settled, Settlement};
use futures_util::future::BoxFuture;
use policy::decision::Alert;
use policy::jobs::Queue;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use store::StoreError;
use store::jobs::{Blame, Claimed};
use tokio::task::JoinSet;
use uuid::Uuid;

/// A worker's shared state and the jobs that it knows.
pub struct Pipeline {
    context: Arc<Context>,
    roster: Vec<Entry>,
    /// One for each queue, in their order.
    intakes: [Intake; Queue::ALL.len()],
}

impl Pipeline {
    /// A pipeline for the jobs of `roster`.
    pub fn new(context: Arc<Context>, roster: Vec<Entry>) -> Self {
        let connections = context.store.config().connections_max;
        Self {
            intakes: Queue::ALL.map(|queue| Intake::new(queue, &roster, connections)),
            context,
            roster,
        }
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
                None => self.leave(bell, &delivery.queue).await,
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
            match self.run_together(&entry, runner, &left, batch).await {
                Ok(done) => left.retain(|id| !done.contains(id)),
                // Found by claiming them one by one.
                Err(Unclaimed::Rows(_)) => {}
                Err(unclaimed) => return unclaimed.settlement(),
            }
        }
        match self.run_each(entry, &left).await {
            Ok(()) => Settlement::Done,
            Err(unclaimed) => unclaimed.settlement(),
        }
    }

    /// Runs a whole doorbell at once; which of its jobs are done.
    async fn run_together(
        &self,
        entry: &Entry,
        runner: sweep::Runner,
        ids: &[Uuid],
        batch: Uuid,
    ) -> Result<HashSet<Uuid>, Unclaimed> {
        let (context, spec) = (&*self.context, &entry.spec);
        let intake = self.intake(spec.kind.queue);
        // One transaction, however many jobs.
        let _share = intake.share(context, 1).await?;
        let bell = named(entry, ids);
        let claim = || -> BoxFuture<'_, _> { Box::pin(sweep::claim(context, &bell)) };
        match intake.claim(context, "claim jobs", claim).await? {
            Some(set) => Ok(sweep::together(spec, runner, set, batch).await),
            None => Ok(HashSet::new()),
        }
    }

    /// Leases what can be leased and runs it, each job by itself, as many at a time as there is room for.
    async fn run_each(&self, entry: Entry, ids: &[Uuid]) -> Result<(), Unclaimed> {
        let intake = self.intake(entry.spec.kind.queue);
        let mut left = ids;
        while !left.is_empty() {
            let share = intake.share(&self.context, left.len()).await?;
            let (now, later) = left.split_at(share.jobs());
            left = later;
            match self.lease(&entry, now).await {
                Ok(claimed) => self.run_leased(entry, claimed).await,
                Err(Unclaimed::Rows(odd)) => self.run_apart(entry, now, odd).await?,
                Err(unclaimed) => return Err(unclaimed),
            }
        }
        Ok(())
    }

    /// Claims each by itself, after a claim of all was refused for a row: one that nobody can claim is a dead letter and holds
    /// up no other (R-JOB-3).
    async fn run_apart(&self, entry: Entry, ids: &[Uuid], odd: OddRows) -> Result<(), Unclaimed> {
        let mut all = Vec::with_capacity(ids.len());
        let mut refused = vec![];
        let mut ended = Ok(());
        if let [id] = ids {
            refused.push((*id, odd));
        } else {
            for id in ids {
                match self.lease(&entry, std::slice::from_ref(id)).await {
                    Ok(mut claimed) => all.append(&mut claimed),
                    Err(Unclaimed::Rows(odd)) => refused.push((*id, odd)),
                    Err(unclaimed) => {
                        ended = Err(unclaimed);
                        break;
                    }
                }
            }
        }
        for (id, odd) in refused {
            let blame = match &odd {
                OddRows::Untaken(_) if all.is_empty() => Blame::RowIfSpent,
                OddRows::Unread(_) | OddRows::Untaken(_) => Blame::Row,
            };
            record::unclaimable(&self.context, &entry.spec, id, (odd.words(), blame)).await;
        }
        self.run_leased(entry, all).await;
        ended
    }

    /// Leases what can be leased. What is done, paused, not due, locked or leased to somebody else is simply not in the
    /// claim.
    async fn lease(&self, entry: &Entry, ids: &[Uuid]) -> Result<Vec<Claimed>, Unclaimed> {
        let (context, spec) = (&*self.context, &entry.spec);
        let bell = named(entry, ids);
        let claim = || -> BoxFuture<'_, _> {
            Box::pin(async {
                let tx = context.store.begin().await?;
                let lease = Context::lease(spec.limit);
                let claimed = tx.claim_leasing(&bell, &context.name, lease).await;
                let (tx, claimed) = tx.go_on(claimed).await?;
                tx.finish().await?;
                Ok(claimed)
            })
        };
        let intake = self.intake(spec.kind.queue);
        let claimed = intake.claim(context, "claim jobs", claim).await?;
        if claimed.len() < ids.len()
            && let Err(error) = self.note_left(ids).await
        {
            // Rung for again, and noted then.
            tracing::info!(error = chain(&error), "what is left could not be noted");
        }
        Ok(claimed)
    }

    async fn run_leased(&self, entry: Entry, claimed: Vec<Claimed>) {
        let (context, spec) = (&self.context, entry.spec);
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
    }

    /// Jobs of a kind that this build does not know stay for a newer worker (R-JOB-5).
    async fn leave(&self, bell: &Doorbell, queue: &str) -> Settlement {
        tracing::info!(
            kind = bell.kind,
            jobs = bell.jobs.len(),
            "left for a worker that knows this kind"
        );
        metrics::jobs_left(&bell.jobs);
        let note = || -> BoxFuture<'_, _> { Box::pin(self.note_left(&bell.jobs)) };
        // A queue that this build does not know is none that it consumes.
        let queue = Queue::parse(queue).unwrap_or(Queue::Sweeps);
        let noted = self.intake(queue).claim(&self.context, "leave jobs", note);
        match noted.await {
            Ok(()) => Settlement::Done,
            Err(unclaimed) => unclaimed.settlement(),
        }
    }

    /// In a transaction of its own: it may wait for rows, and whoever leases holds what a pause needs.
    async fn note_left(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        let tx = self.context.store.begin().await?;
        tx.leave(ids, &known(&self.roster)).await?;
        tx.finish().await
    }

    fn intake(&self, queue: Queue) -> &Intake {
        &self.intakes[queue as usize]
    }

    /// Exports how many jobs of these queues may be in hand.
    pub(crate) fn export_room(&self, queues: &[Queue]) {
        for queue in queues {
            self.intake(*queue).export();
        }
    }

    /// What readiness needs of the database: that it does not refuse claims.
    pub(crate) fn check_claims(&self) -> Result<(), String> {
        let refused = self.intakes.iter().map(Intake::check);
        let refused: Vec<String> = refused.filter_map(Result::err).collect();
        if refused.is_empty() {
            Ok(())
        } else {
            Err(refused.join("; "))
        }
    }
}

/// Some jobs of an entry's kind, as a claim names them.
fn named<'a>(entry: &'a Entry, ids: &'a [Uuid]) -> store::jobs::Doorbell<'a> {
    store::jobs::Doorbell {
        kind: entry.spec.kind.name,
        version_max: entry.spec.kind.version,
        jobs: ids,
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
