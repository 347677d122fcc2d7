//! Messages that the broker sets aside: counted by the leader, in a task of its own, and removed before they can fill their
//! queue. What they say stands in alerts, and the jobs that they meant are rung for again.

use crate::leader::Standing;
use broker::{DeadMessages, DeadQueue};
use fleet::chain;
use metrics::{counter, gauge};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two looks, machine time.
const EVERY: Duration = Duration::from_mins(1);
/// Messages that are kept for people to look at, a tenth of what the queue holds.
const KEPT_MAX: u32 = broker::topology::DEAD_LENGTH_MAX / 10;

/// Looks at the queue of rejected messages for as long as this process leads.
pub(crate) struct DeadQueueWatch {
    queue: DeadQueue,
    standing: watch::Receiver<Option<Standing>>,
    kept_max: u32,
}

impl DeadQueueWatch {
    pub(crate) fn new(broker: broker::Config, standing: watch::Receiver<Option<Standing>>) -> Self {
        Self {
            queue: DeadQueue::new(broker),
            standing,
            kept_max: KEPT_MAX,
        }
    }

    /// Looks until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        while let Some(true) = stop.run_until_cancelled(self.leads()).await {
            self.look().await;
            stop.run_until_cancelled(tokio::time::sleep(EVERY)).await;
            if !self.standing.borrow().is_some_and(|it| it.holds()) {
                self.lose().await;
            }
        }
        self.lose().await;
    }

    /// Waits until this process leads. False: nobody schedules any more.
    async fn leads(&mut self) -> bool {
        let holds = |it: &Option<Standing>| it.as_ref().is_some_and(Standing::holds);
        self.standing.wait_for(holds).await.is_ok()
    }

    async fn look(&mut self) {
        match self.queue.look(self.kept_max).await {
            Ok(DeadMessages { ready, purged }) => {
                gauge!("relink_broker_dead_messages").set(f64::from(ready));
                if 0 < purged {
                    counter!("relink_broker_dead_messages_purged_total").increment(purged.into());
                    tracing::warn!(purged, "the broker's dead queue was filling up: emptied");
                }
            }
            // The publisher itself says loudly that the broker is away; a queue that is missing is declared with it.
            Err(error) => {
                tracing::info!(
                    error = chain(&error),
                    "the dead queue could not be looked at"
                );
            }
        }
    }

    /// Another may lead: what this process counted last is nobody's any more.
    async fn lose(&mut self) {
        gauge!("relink_broker_dead_messages").set(0.0);
        self.queue.close().await;
    }
}
