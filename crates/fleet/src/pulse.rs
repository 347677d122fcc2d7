//! A worker's signs of life (R-JOB-4): every five seconds its row is renewed, over a connection of its own, so that a pool
//! that is busy does not look like a death. The leader gives the jobs of one that is silent to others. One that comes back
//! finds its attempts fenced, and goes on: what a call of its own answered is settled all the same.

use crate::chain;
use crate::context::Context;
use metrics::counter;
use policy::jobs::Queue;
use std::time::Duration;
use store::workers::{Beaten, Beating};
use store::{Config, Store, StoreError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Between two signs of life, machine time; the leader waits for three.
const EVERY: Duration = Duration::from_secs(5);
/// After one that failed.
const AGAIN: Duration = Duration::from_secs(1);
/// A sign that takes longer has failed, and its connection with it.
const LIMIT: Duration = Duration::from_secs(4);

/// The signs of life of a worker, until [`Pulse::end`].
pub(crate) struct Pulse {
    stop: CancellationToken,
    beats: JoinHandle<()>,
}

impl Pulse {
    /// Gives the first sign, so that whatever is leased after this is known to be in the hand of one who lives.
    pub(crate) async fn start(context: &Context, queues: &[Queue]) -> Self {
        let config = Config {
            connections_max: 1,
            statement_timeout: LIMIT,
            ..context.store.config().clone()
        };
        let mut heart = Heart {
            beating: Beating {
                name: context.name.clone(),
                queues: queues.iter().map(|queue| queue.as_str()).collect(),
                build: metering::build(),
            },
            config,
            store: None,
            beats: None,
            failures: 0,
        };
        let wait = heart.beat().await;
        let stop = CancellationToken::new();
        Self {
            beats: tokio::spawn(heart.go_on(wait, stop.clone())),
            stop,
        }
    }

    /// Gives no more signs, and forgets the worker: it has nothing in hand.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        if let Err(error) = self.beats.await {
            tracing::error!(error = chain(&error), "the worker's signs of life panicked");
        }
    }
}

/// What gives the signs.
struct Heart {
    beating: Beating,
    config: Config,
    /// None after a failure: a connection that says nothing any more would hold up the next sign too.
    store: Option<Store>,
    /// Signs so far, by the last answer.
    beats: Option<i64>,
    failures: u32,
}

impl Heart {
    async fn go_on(mut self, mut wait: Duration, stop: CancellationToken) {
        while stop
            .run_until_cancelled(tokio::time::sleep(wait))
            .await
            .is_some()
        {
            wait = self.beat().await;
        }
        self.leave().await;
    }

    /// Gives a sign. Returns how long to wait for the next one.
    async fn beat(&mut self) -> Duration {
        let told = tokio::time::timeout(LIMIT, self.tell()).await;
        let why = match told {
            Ok(Ok(Beaten { beats, lost_at })) => {
                self.beats = Some(beats);
                self.failures = 0;
                if let Some(lost_at) = lost_at {
                    counter!("relink_worker_resurrections_total").increment(1);
                    tracing::warn!(
                        %lost_at,
                        "this worker was taken for dead; what it had in hand was given to others"
                    );
                }
                return EVERY;
            }
            Ok(Err(error)) => chain(&error),
            Err(_) => format!("no answer within {} s", LIMIT.as_secs()),
        };
        self.store = None;
        self.failures += 1;
        counter!("relink_store_trouble_total", "during" => "beat").increment(1);
        // Once a trouble: the pool says the rest.
        if self.failures == 1 {
            tracing::warn!(error = why, "a sign of life could not be given");
        }
        AGAIN
    }

    async fn tell(&mut self) -> Result<Beaten, StoreError> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(Store::new(self.config.clone())?),
        };
        let tx = store.begin().await?;
        let beaten = tx.beat(&self.beating).await?;
        tx.finish().await?;
        Ok(beaten)
    }

    async fn leave(self) {
        let (Some(store), Some(beats)) = (&self.store, self.beats) else {
            return;
        };
        let leaving = async {
            let tx = store.begin().await?;
            tx.forget_workers(&[(self.beating.name.as_str(), beats)])
                .await?;
            tx.finish().await
        };
        match tokio::time::timeout(LIMIT, leaving).await {
            Ok(Ok(())) => {}
            // The leader forgets it in an hour.
            Ok(Err(error)) => tracing::info!(error = chain(&error), "the worker's row stays"),
            Err(_) => tracing::info!("the worker's row stays: the database did not answer"),
        }
    }
}
