//! When a queue is deleted and declared anew, because it can be declared and not consumed.
//!
//! A queue that a cluster deleted by half keeps its name and has no majority or no process behind it
//! (docs/findings.md#half-deleted): nobody can consume it until it is deleted in full. Doorbells are all that lies in a queue, and the jobs that they
//! name are rung for again.

use crate::link::Link;
use crate::{BrokerError, measure, topology};
use std::time::Duration;
use tokio::time::Instant;

/// Requests to consume, or to consume no more, that must fail in a row.
const FAILURES_MIN: u32 = 3;
/// A queue that another process is just making, or that elects its leader, is in that state for a moment.
const FAILING_FOR: Duration = Duration::from_secs(10);
/// What deleting did not cure is not deleted again sooner.
const PAUSE: Duration = Duration::from_mins(1);

/// Failures in a row to consume a queue that is there.
#[derive(Debug, Default)]
pub(crate) struct Rebuild {
    failures: u32,
    failing_since: Option<Instant>,
    rebuilt_at: Option<Instant>,
}

impl Rebuild {
    /// Whether to delete the queue now. How many consumers it counts says nothing: it may count those that it lost.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let lasts = self
            .failing_since
            .is_some_and(|since| now.duration_since(since) >= FAILING_FOR);
        let has_rested = self
            .rebuilt_at
            .is_none_or(|at| now.duration_since(at) >= PAUSE);
        self.failures >= FAILURES_MIN && lasts && has_rested
    }

    /// Notes what an attempt to consume met. A refusal has a reason that deleting does not cure; a lost connection says nothing
    /// of the queue.
    pub(crate) fn note(&mut self, error: &BrokerError, now: Instant) {
        let asks = |attempted| [topology::CONSUME, topology::CANCEL].contains(&attempted);
        let is_ruin = match error {
            BrokerError::Timeout { attempted, .. } => asks(*attempted),
            BrokerError::Channel { attempted, source } => {
                asks(*attempted) && topology::is_internal(source)
            }
            _ => false,
        };
        if is_ruin {
            self.failures += 1;
            self.failing_since.get_or_insert(now);
        } else if topology::refusal(error).is_some() {
            self.heal();
        }
    }

    /// The queue brought something, or agreed to a consumer after another.
    pub(crate) fn heal(&mut self) {
        self.failures = 0;
        self.failing_since = None;
    }

    /// Deletes the queue with the doorbells in it, and declares it.
    pub(crate) async fn queue(
        &mut self,
        link: &Link,
        prefix: &str,
        queue: &str,
    ) -> Result<(), BrokerError> {
        self.rebuilt_at = Some(Instant::now());
        tracing::warn!(
            queue,
            failures = self.failures,
            "the broker has this queue by its name only: deleting it and declaring it anew"
        );
        metrics::counter!(measure::REBUILDS, "queue" => queue.to_owned()).increment(1);
        topology::discard_on(link, prefix, queue).await?;
        topology::queue_on(link, prefix, queue).await?;
        tracing::info!(queue, "this queue was declared anew");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent() -> BrokerError {
        BrokerError::Timeout {
            attempted: topology::CONSUME,
            within: Duration::from_secs(5),
        }
    }

    #[test]
    fn r_q_5_only_lasting_ruins_are_rebuilt_and_rarely() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut rebuild = Rebuild::default();
        for second in [0, 1, 2] {
            assert!(!rebuild.is_due(at(second + 100)));
            rebuild.note(&silent(), at(second));
        }
        assert!(!rebuild.is_due(at(9)), "another process may just make it");
        let lost = BrokerError::Ended("the connection is closed".to_owned());
        rebuild.note(&lost, at(9));
        assert!(rebuild.is_due(at(10)), "a lost connection says nothing");
        rebuild.rebuilt_at = Some(at(10));
        assert!(!rebuild.is_due(at(69)) && rebuild.is_due(at(70)));
        rebuild.heal();
        assert!(!rebuild.is_due(at(200)), "it brought something since");
        for second in [300, 310, 320] {
            rebuild.note(&lost, at(second));
        }
        assert!(!rebuild.is_due(at(400)));
    }
}
