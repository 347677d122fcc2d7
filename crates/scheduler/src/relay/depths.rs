//! How much lies in the queues, asked when jobs that were rung for are taken by nobody.

use broker::queue_depths_apart;
use fleet::chain;
use policy::jobs::Queue;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Between two times that the broker is asked.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Messages that wait in a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) queue: Queue,
    /// None if nobody could say.
    pub(crate) messages: Option<u32>,
}

/// Asks the broker, while the relay does other things.
pub(crate) struct Depths {
    broker: broker::Config,
    /// One at most; ends with the relay.
    asking: JoinSet<Vec<Ready>>,
    asked_at: Option<Instant>,
}

impl Depths {
    pub(crate) fn new(broker: broker::Config) -> Self {
        Self {
            broker,
            asking: JoinSet::new(),
            asked_at: None,
        }
    }

    /// Begins to ask about some queues, unless an answer is awaited or one came just now.
    pub(crate) fn ask(&mut self, queues: Vec<Queue>, now: Instant) {
        let is_soon = self
            .asked_at
            .is_some_and(|at| now.duration_since(at) < ASKED_EVERY);
        if queues.is_empty() || !self.asking.is_empty() || is_soon {
            return;
        }
        self.asked_at = Some(now);
        self.asking.spawn(asked(self.broker.clone(), queues));
    }

    /// The answer, once there is one. Losing the race in a `select!` loses nothing.
    pub(crate) async fn answer(&mut self) -> Vec<Ready> {
        match self.asking.join_next().await {
            Some(Ok(ready)) => ready,
            Some(Err(error)) => {
                tracing::error!(
                    error = chain(&error),
                    "asking for the queues' depths panicked"
                );
                Vec::new()
            }
            None => std::future::pending().await,
        }
    }
}

async fn asked(broker: broker::Config, queues: Vec<Queue>) -> Vec<Ready> {
    let names: Vec<&str> = queues.iter().map(|it| it.as_str()).collect();
    let found = queue_depths_apart(&broker, &names).await;
    let found = found.unwrap_or_else(|error| {
        tracing::debug!(error = chain(&error), "the queues' depths are not known");
        Vec::new()
    });
    let mut found = found.into_iter();
    let ready = |queue| Ready {
        queue,
        messages: found.next().and_then(Result::ok).map(|it| it.ready),
    };
    queues.into_iter().map(ready).collect()
}
