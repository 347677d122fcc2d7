//! When a queue is deleted and declared anew, because it can be declared and not consumed.
//!
//! A queue that a cluster deleted by half keeps its name and has no process behind it (docs/findings.md#half-deleted):
//! nobody can consume it until it is deleted in full. Doorbells are all that lies in a queue, and the jobs that they
//! name are rung for again.

use crate::link::Link;
use crate::{BrokerError, measure, topology};
use std::time::Duration;
use tokio::time::Instant;

/// Attempts to consume that must fail in a row, each after a declaration that was agreed to.
const FAILURES_MIN: u32 = 3;
/// A queue that another process is just making is in that state for a moment.
const FAILING_FOR: Duration = Duration::from_secs(5);
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
    /// `consumers`: as the queue counts them; what somebody consumes is no ruin.
    pub(crate) fn is_due(&self, consumers: u32, now: Instant) -> bool {
        let lasts = self
            .failing_since
            .is_some_and(|since| now.duration_since(since) >= FAILING_FOR);
        let has_rested = self
            .rebuilt_at
            .is_none_or(|at| now.duration_since(at) >= PAUSE);
        consumers == 0 && self.failures >= FAILURES_MIN && lasts && has_rested
    }

    /// Notes how an attempt to consume ended. A refusal has a reason that deleting does not cure.
    pub(crate) fn note(&mut self, error: Option<&BrokerError>, now: Instant) {
        let is_ruin = error.is_some_and(|error| match error {
            BrokerError::Timeout { attempted, .. } => *attempted == topology::CONSUME,
            BrokerError::Channel { attempted, source } => {
                *attempted == topology::CONSUME && topology::is_internal(source)
            }
            _ => false,
        });
        if is_ruin {
            self.failures += 1;
            self.failing_since.get_or_insert(now);
        } else {
            self.failures = 0;
            self.failing_since = None;
        }
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
        topology::delete_on(link, prefix, queue).await?;
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
    fn r_q_5_only_what_lastingly_cannot_be_consumed_is_rebuilt_and_rarely() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut rebuild = Rebuild::default();
        for second in [0, 1, 2] {
            assert!(!rebuild.is_due(0, at(second)));
            rebuild.note(Some(&silent()), at(second));
        }
        assert!(
            !rebuild.is_due(0, at(4)),
            "another process may just make it"
        );
        assert!(rebuild.is_due(0, at(5)));
        assert!(!rebuild.is_due(1, at(5)), "somebody consumes it");
        rebuild.rebuilt_at = Some(at(5));
        assert!(!rebuild.is_due(0, at(64)) && rebuild.is_due(0, at(65)));
        rebuild.note(None, at(66));
        assert!(!rebuild.is_due(0, at(200)), "it was consumed since");
        for second in [300, 310, 320] {
            let refused = BrokerError::Ended("it cancelled the consumer".to_owned());
            rebuild.note(Some(&refused), at(second));
        }
        assert!(!rebuild.is_due(0, at(400)), "a refusal is no ruin");
    }
}
