//! How long to wait between attempts to connect.

use crate::BrokerError;
use crate::error::chain;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// A connection that lasted this long was a good one: the delays begin anew after it.
const STEADY: Duration = Duration::from_secs(10);

/// The delay before the n-th attempt in a row, n from 1; the caller owns the curve and its jitter.
#[derive(Clone)]
pub struct Backoff(Arc<dyn Fn(u32) -> Duration + Send + Sync>);

impl Backoff {
    /// `delay` is asked once for each failed attempt and must not block.
    pub fn new(delay: impl Fn(u32) -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(delay))
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Backoff")
    }
}

/// Counts the failures in a row of one role's connection.
pub(crate) struct Attempts {
    role: &'static str,
    backoff: Backoff,
    failed: u32,
    begun_at: Instant,
}

impl Attempts {
    pub(crate) fn new(role: &'static str, backoff: Backoff) -> Self {
        Self {
            role,
            backoff,
            failed: 0,
            begun_at: Instant::now(),
        }
    }

    pub(crate) fn begin(&mut self) {
        self.begun_at = Instant::now();
    }

    /// Says what went wrong and waits; returns early when `stop` is cancelled.
    pub(crate) async fn pause(
        &mut self,
        error: &BrokerError,
        was_up: bool,
        stop: &CancellationToken,
    ) {
        if was_up && self.begun_at.elapsed() >= STEADY {
            self.failed = 0;
        }
        self.failed = self.failed.saturating_add(1);
        let delay = (self.backoff.0)(self.failed);
        tracing::warn!(
            role = self.role,
            attempt = self.failed,
            delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            error = chain(error),
            "no connection to the broker; trying again"
        );
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(delay) => {}
        }
    }
}
