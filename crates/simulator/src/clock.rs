//! The simulator's own time: it starts where the configuration says, runs `speed` times as fast as the machine's, and
//! can be stepped forward.

use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The only place where the simulator looks at the machine's clock.
#[derive(Debug)]
pub(crate) struct Clock {
    started_at: Timestamp,
    origin: Instant,
    speed: f64,
    /// How far it was stepped ahead in all; whoever waits hears of it.
    ahead: watch::Sender<Duration>,
}

impl Clock {
    pub(crate) fn start(started_at: Timestamp, speed: f64) -> Self {
        Self {
            started_at,
            origin: Instant::now(),
            speed,
            ahead: watch::Sender::new(Duration::ZERO),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.after(self.elapsed())
    }

    /// Simulator time since the start.
    fn elapsed(&self) -> Duration {
        self.with(*self.ahead.borrow())
    }

    fn with(&self, ahead: Duration) -> Duration {
        self.origin
            .elapsed()
            .mul_f64(self.speed)
            .saturating_add(ahead)
    }

    /// Steps to this instant and wakes whoever waits for one on the way; what it shows instead, when that is later.
    pub(crate) fn step_to(&self, to: Timestamp) -> Result<(), Timestamp> {
        self.step(|now| Some(to).filter(|&to| to >= now))
    }

    /// Steps so far ahead; what it shows, when time would end.
    pub(crate) fn step_ahead(&self, by: Duration) -> Result<(), Timestamp> {
        self.step(|now| now.checked_add(by).ok())
    }

    fn step(&self, to: impl FnOnce(Timestamp) -> Option<Timestamp>) -> Result<(), Timestamp> {
        let mut outcome = Ok(());
        // The new offset is found under the sender's lock, so that two steps at once add up.
        self.ahead.send_if_modified(|ahead| {
            let now = self.after(self.with(*ahead));
            let step = to(now).map(|to| Duration::try_from(to.duration_since(now)));
            let Some(Ok(step)) = step else {
                outcome = Err(now);
                return false;
            };
            *ahead = ahead.saturating_add(step);
            true
        });
        outcome
    }

    /// What the clock shows this long after the start.
    pub(crate) fn after(&self, elapsed: Duration) -> Timestamp {
        later(self.started_at, elapsed)
    }

    /// Waits until the simulator's clock shows this, because time passed or because it was stepped.
    pub(crate) async fn wait_until(&self, at: Timestamp) {
        let mut stepped = self.ahead.subscribe();
        loop {
            let ahead = at.duration_since(self.now());
            let Ok(ahead) = Duration::try_from(ahead) else {
                return;
            };
            if ahead.is_zero() {
                return;
            }
            let wait = Duration::try_from_secs_f64(ahead.as_secs_f64() / self.speed)
                .unwrap_or(Duration::MAX);
            tokio::select! {
                () = tokio::time::sleep(wait) => return,
                // The sender is `self`, so it is there.
                _ = stepped.changed() => {}
            }
        }
    }
}

/// `at` plus `span`, or the end of time.
pub(crate) fn later(at: Timestamp, span: Duration) -> Timestamp {
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
