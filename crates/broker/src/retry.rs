//! How long to wait between attempts to connect.

use crate::BrokerError;
use crate::board::{Board, LineState};
use crate::error::chain;
use crate::link::Link;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// A connection that lasted this long was a good one: the delays begin anew after it.
const STEADY: Duration = Duration::from_secs(10);

/// For so long a line does not repeat itself.
const SAID_FOR: Duration = Duration::from_mins(1);

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

/// End of a line, or of an attempt to make one.
pub(crate) struct Failure {
    pub(crate) error: BrokerError,
    pub(crate) place: Place,
}

/// Place where a line failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before the broker was reached.
    Way,
    /// At the queue, of a broker that was reached.
    Queue,
    /// In its connection, after it was up.
    Cut,
    /// After it was up, on a connection that stands.
    Line,
}

impl Failure {
    /// Failure of an attempt.
    pub(crate) fn at(place: Place) -> impl FnOnce(BrokerError) -> Self {
        move |error| Self { error, place }
    }

    /// End of a line that was up.
    pub(crate) fn of_line(error: BrokerError, link: &Link) -> Self {
        let place = if link.connected() {
            Place::Line
        } else {
            Place::Cut
        };
        Self { error, place }
    }

    /// Whether an attempt failed at the queue; of a line that was up, the next attempt tells.
    pub(crate) fn is_queues(&self) -> bool {
        self.place == Place::Queue
    }

    fn was_up(&self) -> bool {
        matches!(self.place, Place::Cut | Place::Line)
    }

    fn is_reached(&self) -> bool {
        matches!(self.place, Place::Queue | Place::Line)
    }
}

/// Counts the failures in a row of one queue's line.
pub(crate) struct Attempts {
    role: &'static str,
    queue: Arc<str>,
    backoff: Backoff,
    failed: u32,
    begun_at: Instant,
    said: Option<(String, Instant)>,
}

impl Attempts {
    pub(crate) fn new(role: &'static str, queue: Arc<str>, backoff: Backoff) -> Self {
        Self {
            role,
            queue,
            backoff,
            failed: 0,
            begun_at: Instant::now(),
            said: None,
        }
    }

    pub(crate) fn begin(&mut self) {
        self.begun_at = Instant::now();
    }

    /// Says what went wrong and waits; returns early when `stop` is cancelled, and when another line reaches the broker
    /// that this one did not reach.
    pub(crate) async fn pause<S: LineState>(
        &mut self,
        failure: &Failure,
        board: &Board<S>,
        stop: &CancellationToken,
    ) {
        let reached = board.reached.notified();
        if failure.was_up() && self.begun_at.elapsed() >= STEADY {
            self.failed = 0;
        }
        self.failed = self.failed.saturating_add(1);
        let delay = (self.backoff.0)(self.failed);
        let is_news = if failure.is_reached() {
            self.is_news(&failure.error)
        } else {
            board.may_say()
        };
        self.say(failure, delay, is_news);
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(delay) => {}
            () = reached, if !failure.is_reached() => {}
        }
    }

    /// What keeps a queue down for hours is said once a minute.
    fn is_news(&mut self, error: &BrokerError) -> bool {
        let (words, now) = (chain(error), Instant::now());
        let is_old = self
            .said
            .as_ref()
            .is_some_and(|(said, at)| *said == words && now.duration_since(*at) < SAID_FOR);
        if !is_old {
            self.said = Some((words, now));
        }
        !is_old
    }

    fn say(&self, failure: &Failure, delay: Duration, is_news: bool) {
        let (role, queue, attempt) = (self.role, &*self.queue, self.failed);
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let error = chain(&failure.error);
        let message = if failure.is_reached() {
            "this queue cannot be used; trying again"
        } else {
            "no connection to the broker; trying again"
        };
        if is_news {
            tracing::warn!(role, queue, attempt, delay_ms, error, "{message}");
        } else {
            tracing::debug!(role, queue, attempt, delay_ms, error, "{message}");
        }
    }
}
