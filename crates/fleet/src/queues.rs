//! What a worker says of its queues: whether each is heard, in readiness, metrics and alerts.

use crate::context::Context;
use crate::error::chain;
use broker::{ConsumerState, QueueHealth};
use policy::decision::Alert;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// Lines of a worker's consumer.
pub(crate) type Lines = watch::Receiver<Vec<QueueHealth<ConsumerState>>>;

/// A line that has not ticked for so long is deaf, however healthy its socket looks (R-Q-5).
const DEAF_AFTER: Duration = Duration::from_secs(15);
/// A queue that is broken for so long is alerted: most mend themselves sooner.
const ALERTED_AFTER: Duration = Duration::from_mins(1);
/// How often broken queues are looked for, in memory.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Whether messages of this queue arrive.
pub(crate) fn is_heard(line: &QueueHealth<ConsumerState>, now: Instant) -> bool {
    let ticks = line.tick.is_some_and(|tick| now < tick + DEAF_AFTER);
    line.state == ConsumerState::Consuming && ticks
}

/// Readiness: some queue is heard, with words for those that are not. A worker of which one queue is broken does the work
/// of the others; taken out of service it would do none.
pub(crate) fn hears(lines: &[QueueHealth<ConsumerState>], now: Instant) -> Result<String, String> {
    let unheard: Vec<String> = lines
        .iter()
        .filter(|line| !is_heard(line, now))
        .map(|line| words(line, now))
        .collect();
    if lines
        .iter()
        .all(|line| line.state == ConsumerState::Stopped)
    {
        Err("draining".to_owned())
    } else if lines.iter().any(|line| is_heard(line, now)) {
        Ok(unheard.join("; "))
    } else if lines.iter().any(|line| line.is_reached) {
        Err(unheard.join("; "))
    } else {
        Err("not connected to the broker".to_owned())
    }
}

fn words(line: &QueueHealth<ConsumerState>, now: Instant) -> String {
    line.trouble(now).unwrap_or_else(|| match line.state {
        ConsumerState::Consuming => format!("queue {}: connected, but deaf", line.queue),
        _ => format!("queue {}: not connected to the broker", line.queue),
    })
}

/// Alerts of broken queues, until the stop.
pub(crate) async fn watch(context: Arc<Context>, lines: Lines) {
    let mut broken = BrokenQueues::default();
    let stop = context.stop.clone();
    while stop.run_until_cancelled(sleep(LOOK_EVERY)).await.is_some() {
        let seen = lines.borrow().clone();
        broken.look(&context, &seen, Instant::now()).await;
    }
}

/// Queues that stay broken while their broker can be reached, and of which operators were told.
#[derive(Debug, Default)]
pub struct BrokenQueues {
    /// Each with the instant since which it is broken.
    told: HashMap<Arc<str>, Instant>,
}

impl BrokenQueues {
    /// Raises an alert for each queue that is broken for a minute, once each time that it breaks; what the database does not
    /// take is raised at the next look.
    pub async fn look(
        &mut self,
        context: &Context,
        lines: &[QueueHealth<ConsumerState>],
        now: Instant,
    ) {
        let new = self.news(lines, now);
        if new.is_empty() {
            return;
        }
        if let Err(error) = raise(context, &new).await {
            tracing::warn!(error = chain(&error), "the alert could not be raised");
            let untold = |queue: &Arc<str>| new.iter().any(|alert| alert.subject == **queue);
            self.told.retain(|queue, _| !untold(queue));
        }
    }

    /// Alerts of queues that broke and of which nobody was told; those that mended are forgotten.
    fn news(&mut self, lines: &[QueueHealth<ConsumerState>], now: Instant) -> Vec<Alert> {
        let is_broken = |line: &&QueueHealth<ConsumerState>| {
            line.state == ConsumerState::Connecting
                && line.is_reached
                && now.duration_since(line.since) >= ALERTED_AFTER
        };
        let broken: Vec<_> = lines.iter().filter(is_broken).collect();
        self.told.retain(|queue, since| {
            broken
                .iter()
                .any(|line| line.queue == *queue && line.since == *since)
        });
        let new = broken.into_iter().filter(|line| {
            let told = self.told.insert(Arc::clone(&line.queue), line.since);
            told.is_none()
        });
        new.map(|line| Alert {
            code: "queue_broken",
            subject: line.queue.to_string(),
            detail: json!({ "queue": &*line.queue, "why": line.why }),
        })
        .collect()
    }
}

async fn raise(context: &Context, alerts: &[Alert]) -> Result<(), StoreError> {
    let tx = context.store.begin().await?;
    tx.raise(alerts).await?;
    tx.finish().await?;
    metering::count_alerts(alerts);
    Ok(())
}

#[cfg(test)]
mod tests;
