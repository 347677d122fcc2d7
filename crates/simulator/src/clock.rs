//! The simulator's own time: it starts where the configuration says and runs `speed` times as fast as the machine's.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// The only place where the simulator looks at the machine's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started_at: Timestamp,
    origin: Instant,
    speed: f64,
}

impl Clock {
    pub(crate) fn start(started_at: Timestamp, speed: f64) -> Self {
        Self {
            started_at,
            origin: Instant::now(),
            speed,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.after(self.elapsed())
    }

    /// Simulator time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.origin.elapsed().mul_f64(self.speed)
    }

    /// What the clock shows this long after the start.
    pub(crate) fn after(&self, elapsed: Duration) -> Timestamp {
        later(self.started_at, elapsed)
    }

    /// Waits, in the machine's time, until the simulator's clock shows this.
    pub(crate) async fn wait_until(&self, at: Timestamp) {
        let ahead = Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO);
        let wait =
            Duration::try_from_secs_f64(ahead.as_secs_f64() / self.speed).unwrap_or(Duration::MAX);
        tokio::time::sleep(wait).await;
    }
}

/// `at` plus `span`, or the end of time.
pub(crate) fn later(at: Timestamp, span: Duration) -> Timestamp {
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
