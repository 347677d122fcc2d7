//! How the line of each queue is, told to whoever asks, and what all lines together make of it.

use crate::error::chain;
use crate::{BrokerError, measure};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// Lines that have not yet had their first answer are waited for so long before the others call themselves up.
const GRACE: Duration = Duration::from_secs(5);
/// Lines share one broker: its absence is said once in so long, not once a queue.
const SAID_FOR: Duration = Duration::from_secs(1);

/// Health of one queue's line to the broker: its own connection, or the lack of one.
#[derive(Clone, Debug)]
pub struct QueueHealth<S> {
    /// Without the prefix.
    pub queue: Arc<str>,
    /// Where the line stands.
    pub state: S,
    /// Begin of being up, or of being down; this process's stopwatch.
    pub since: Instant,
    /// Last sign of life while up; null before the first.
    pub tick: Option<Instant>,
    /// Reason of its last end, with all causes; null while up, and before the first failure.
    pub why: Option<String>,
    /// Whether the last attempt got through to the broker: what went wrong then is about the queue. False for a line that
    /// has just gone down.
    pub is_reached: bool,
    /// Whether it came up since somebody last asked for those that did.
    is_revived: bool,
}

impl<S> QueueHealth<S> {
    /// A line of which nothing is known yet.
    pub fn new(queue: Arc<str>, state: S) -> Self {
        Self {
            queue,
            state,
            since: Instant::now(),
            tick: None,
            why: None,
            is_reached: false,
            is_revived: false,
        }
    }

    /// Sentence about a queue that cannot be used though the broker can be reached; null for others.
    pub fn trouble(&self, now: Instant) -> Option<String> {
        let why = self.why.as_ref().filter(|_| self.is_reached)?;
        let (queue, seconds) = (&self.queue, now.duration_since(self.since).as_secs());
        Some(format!(
            "queue {queue} cannot be used for {seconds} s: {why}"
        ))
    }
}

/// Standing of a line, and of all lines together.
pub(crate) trait LineState: Copy + PartialEq + Send + Sync + 'static {
    /// Not connected, and trying.
    const DOWN: Self;

    fn is_up(self) -> bool;

    /// Sum of lines of which at least one is up.
    fn of_some_up(states: &[Self]) -> Self;

    /// Sum of lines of which none is up.
    fn of_none_up(states: &[Self]) -> Self;
}

/// Lines of one consumer or publisher.
#[derive(Debug)]
pub(crate) struct Board<S> {
    role: &'static str,
    lines: watch::Sender<Vec<QueueHealth<S>>>,
    whole: watch::Sender<S>,
    first_up: Mutex<Option<Instant>>,
    said: Mutex<Option<Instant>>,
    /// Rung when a line came up: the broker can be reached, which others may be waiting for.
    pub(crate) reached: Notify,
}

impl<S: LineState> Board<S> {
    pub(crate) fn new(role: &'static str, queues: impl IntoIterator<Item = Arc<str>>) -> Self {
        let lines = queues
            .into_iter()
            .map(|queue| QueueHealth::new(queue, S::DOWN));
        let board = Self {
            role,
            lines: watch::channel(lines.collect()).0,
            whole: watch::channel(S::DOWN).0,
            first_up: Mutex::new(None),
            said: Mutex::new(None),
            reached: Notify::new(),
        };
        board.sum(false);
        board
    }

    pub(crate) fn lines(&self) -> watch::Receiver<Vec<QueueHealth<S>>> {
        self.lines.subscribe()
    }

    pub(crate) fn whole(&self) -> watch::Receiver<S> {
        self.whole.subscribe()
    }

    pub(crate) fn state(&self, line: usize) -> S {
        self.lines.borrow()[line].state
    }

    pub(crate) fn enter(&self, line: usize, state: S) {
        let mut came_up = false;
        self.change(line, |health| {
            came_up = state.is_up() && !health.state.is_up();
            if state.is_up() != health.state.is_up() {
                health.since = Instant::now();
            }
            if came_up {
                health.why = None;
                health.is_reached = true;
                health.is_revived = true;
            }
            health.state = state;
        });
        if came_up {
            self.reached.notify_waiters();
        }
        self.sum(came_up);
    }

    /// Notes the end of a line, or of an attempt to make one.
    pub(crate) fn fail(&self, line: usize, error: &BrokerError, is_reached: bool) {
        self.change(line, |health| {
            if health.state.is_up() {
                health.since = Instant::now();
            }
            health.state = S::DOWN;
            health.why = Some(chain(error));
            health.is_reached = is_reached;
        });
        self.sum(false);
    }

    pub(crate) fn tick(&self, line: usize) {
        self.change(line, |health| health.tick = Some(Instant::now()));
        self.sum(false);
    }

    /// Queues whose line came up since the last call.
    pub(crate) fn take_revived(&self) -> Vec<Arc<str>> {
        let mut revived = vec![];
        self.lines.send_if_modified(|lines| {
            let new = lines.iter_mut().filter(|it| it.is_revived);
            revived.extend(new.map(|it| {
                it.is_revived = false;
                Arc::clone(&it.queue)
            }));
            // Nobody else is to know.
            false
        });
        revived
    }

    /// Whether a failure to reach the broker is still to be said, which concerns all lines.
    pub(crate) fn may_say(&self) -> bool {
        let now = Instant::now();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = said.is_none_or(|at| now.duration_since(at) >= SAID_FOR);
        if is_new {
            *said = Some(now);
        }
        is_new
    }

    fn change(&self, line: usize, change: impl FnOnce(&mut QueueHealth<S>)) {
        self.lines.send_modify(|lines| change(&mut lines[line]));
    }

    /// `is_news`: to be told even if the sum stays what it was, since a line that was down is up.
    fn sum(&self, is_news: bool) {
        self.sum_at(Instant::now(), is_news);
    }

    fn sum_at(&self, now: Instant, is_news: bool) {
        // Held to the end, so that of two sums the later one stays.
        let mut first_up = self.first_up.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = self.lines.borrow();
        let up = lines.iter().filter(|it| it.state.is_up()).count();
        let states: Vec<S> = lines.iter().map(|it| it.state).collect();
        metrics::gauge!(measure::UP, "role" => self.role).set(f64::from(u8::from(up > 0)));
        let sum = if up == 0 {
            *first_up = None;
            S::of_none_up(&states)
        } else {
            let since = *first_up.get_or_insert(now);
            let waits = lines.iter().any(may_come) && now.duration_since(since) < GRACE;
            let was_down = !self.whole.borrow().is_up();
            if waits && was_down {
                S::DOWN
            } else {
                S::of_some_up(&states)
            }
        };
        self.whole.send_if_modified(|whole| {
            let is_other = *whole != sum;
            *whole = sum;
            is_other || (is_news && sum.is_up())
        });
    }
}

/// Whether a line may be up in a moment: nothing is known against its queue.
fn may_come<S: LineState>(health: &QueueHealth<S>) -> bool {
    health.state == S::DOWN && !(health.is_reached && health.why.is_some())
}

#[cfg(test)]
mod tests;
