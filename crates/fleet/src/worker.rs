//! A worker process: consumes its queues, runs what they name, drains on stop (R-Q-4).

use crate::context::Context;
use crate::http::Check;
use crate::pipeline::Pipeline;
use crate::pulse::Pulse;
use crate::record::patiently;
use crate::roster::{Entry, counted_kinds};
use crate::{metrics, queues, retry};
use broker::{Backoff, Consumer, ConsumerOptions, Subscription};
use metering::Probe;
use metering::catalogue::Exporter;
use policy::jobs::Queue;
use std::sync::Arc;
use std::time::Duration;
use store::{Fault, StoreError};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// So many hung runs, and the process is better replaced.
const OVERDUE_MAX: usize = 16;

/// How a worker behaves.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// The queues to consume.
    pub queues: Vec<Queue>,
    /// Doorbells in hand at a time, for each queue that does not act outward.
    pub prefetch: u16,
    /// Outward calls on their way at a time at most; bounds the doorbells in hand of the queues that act outward.
    pub calls_max: u16,
    /// How long the runs in hand may take to end after a stop, machine time.
    pub drain: Duration,
}

/// A running worker.
pub struct Worker {
    context: Arc<Context>,
    pipeline: Arc<Pipeline>,
    consumer: Consumer,
    options: WorkerOptions,
}

impl Worker {
    /// Starts consuming in the background.
    pub fn start(
        context: Arc<Context>,
        roster: Vec<Entry>,
        broker: broker::Config,
        options: WorkerOptions,
    ) -> Self {
        let subscriptions = options
            .queues
            .iter()
            .map(|queue| Subscription {
                queue: queue.as_str().to_owned(),
                prefetch: prefetch(&roster, *queue, &options),
            })
            .collect();
        let consumer = Consumer::start(
            broker,
            subscriptions,
            ConsumerOptions {
                backoff: Backoff::new(retry::reconnect),
            },
        );
        Self {
            pipeline: Arc::new(Pipeline::new(Arc::clone(&context), roster)),
            context,
            consumer,
            options,
        }
    }

    /// What is looked at whenever metrics are asked for.
    pub fn probes(&self) -> Vec<Probe> {
        vec![
            metering::pool(self.context.store.clone()),
            metrics::tick(Arc::clone(&self.context), self.consumer.queues()),
        ]
    }

    /// What readiness needs: the database at the right schema, a queue that is heard, no pile of hung runs.
    pub fn checks(&self) -> Vec<Check> {
        let store = self.context.store.clone();
        let lines = self.consumer.queues();
        let context = Arc::clone(&self.context);
        let pipeline = Arc::clone(&self.pipeline);
        vec![
            Check::new("database", move || {
                let store = store.clone();
                async move {
                    store
                        .check_schema()
                        .await
                        .map_err(|error| crate::chain(&error))
                }
            }),
            Check::new("claims", move || {
                let claims = pipeline.check_claims();
                async move { claims }
            }),
            Check::new("consumer", move || {
                let heard = queues::hears(&lines.borrow(), Instant::now());
                async move { heard }
            }),
            Check::new("runs", move || {
                let overdue = context.overdue_runs();
                async move {
                    if overdue < OVERDUE_MAX {
                        Ok(())
                    } else {
                        Err(format!("{overdue} runs hang"))
                    }
                }
            }),
        ]
    }

    /// Works until the context's stop is cancelled, then drains: takes nothing more, lets the runs in hand end within
    /// the deadline, gives the rest back. Returns the number of runs that had to be given back. Refuses to work on a
    /// schema of another version than this build's.
    pub async fn run(mut self) -> Result<usize, StoreError> {
        let kinds = counted_kinds(self.pipeline.roster());
        metering::zero(Exporter::Worker, &kinds, &self.options.queues);
        for queue in &self.options.queues {
            let prefetch = prefetch(self.pipeline.roster(), *queue, &self.options);
            metrics::slots(*queue, prefetch);
        }
        self.pipeline.export_room(&self.options.queues);
        let context = &self.context;
        let checked = patiently(context, "check the schema", || {
            Box::pin(context.store.check_schema())
        });
        match checked.await {
            Err(error) if error.fault() == Fault::Permanent => return Err(error),
            // Stopped before the database answered: there is nothing to drain, and draining finds that out.
            _ => {}
        }
        let pulse = Pulse::start(&self.context, &self.options.queues).await;
        let watch = queues::watch(Arc::clone(&self.context), self.consumer.queues());
        let watch = tokio::spawn(watch);
        let mut runs = JoinSet::new();
        let stop = self.context.stop.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = runs.join_next(), if !runs.is_empty() => {}
                delivery = self.consumer.next() => match delivery {
                    Some(delivery) => {
                        runs.spawn(Arc::clone(&self.pipeline).handle(delivery));
                    }
                    None => break,
                },
            }
        }
        let left = self.drain(runs).await;
        pulse.end().await;
        if let Err(error) = watch.await {
            tracing::error!(error = crate::chain(&error), "the watch of queues panicked");
        }
        Ok(left)
    }

    async fn drain(mut self, mut runs: JoinSet<()>) -> usize {
        metrics::draining();
        // From the stop on, also while a broker that hangs does not answer it.
        let until = tokio::time::Instant::now() + self.options.drain;
        tracing::info!(runs = runs.len(), "draining");
        let ended = tokio::time::timeout_at(until, async {
            let all = async { while runs.join_next().await.is_some() {} };
            tokio::join!(self.consumer.stop(), all);
        })
        .await;
        let left = runs.len();
        if ended.is_err() {
            self.hand_back(left).await;
        }
        // Past the deadline these tasks end with the process; their jobs are handed back and fenced.
        runs.detach_all();
        self.consumer.close(Duration::from_secs(2)).await;
        left
    }

    async fn hand_back(&self, left: usize) {
        let handed = async {
            let tx = self.context.store.begin().await?;
            let jobs = tx.hand_back_of(&self.context.name).await?;
            tx.finish().await?;
            Ok::<_, store::StoreError>(jobs)
        };
        match tokio::time::timeout(Duration::from_secs(3), handed).await {
            Ok(Ok(jobs)) => tracing::warn!(
                left,
                ?jobs,
                "the deadline is over; these jobs are handed back"
            ),
            // Their leases end by themselves.
            Ok(Err(error)) => tracing::warn!(
                left,
                error = crate::chain(&error),
                "jobs could not be handed back"
            ),
            Err(_) => tracing::warn!(
                left,
                "jobs could not be handed back: the database did not answer"
            ),
        }
    }
}

/// Doorbells of outward jobs are full when work piles up: so many of them that their jobs are the calls allowed.
fn prefetch(roster: &[Entry], queue: Queue, options: &WorkerOptions) -> u16 {
    let acts = roster
        .iter()
        .filter(|entry| entry.spec.kind.queue == queue && entry.is_act());
    match acts.map(|entry| entry.spec.batch_max).max() {
        Some(batch) => (options.calls_max / batch.max(1)).max(1),
        None => options.prefetch,
    }
}
