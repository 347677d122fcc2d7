//! Hears doorbells.

use crate::board::{Board, LineState, QueueHealth};
use crate::buffer::Buffer;
use crate::consuming::{Consuming, Phases, ROLE};
use crate::{Backoff, Config, Delivery};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How often a queue that brings nothing is looked at: twice within a minute, for what came just before counts once.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// One queue to consume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Without the prefix; declared on every connection.
    pub queue: String,
    /// Unsettled messages in this process at a time, at least 1. A crash counts one delivery for each.
    pub prefetch: u16,
}

/// How a consumer behaves.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    /// Between attempts to connect.
    pub backoff: Backoff,
}

/// Whether messages can arrive, from one queue or from any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerState {
    /// Not connected; trying.
    Connecting,
    /// The broker knows the consumer; of a whole consumer, that of some queue.
    Consuming,
    /// [`Consumer::stop`] has taken effect: nothing arrives, and settling still works.
    Stopped,
}

impl LineState for ConsumerState {
    const DOWN: Self = Self::Connecting;

    fn is_up(self) -> bool {
        self == Self::Consuming
    }

    fn of_some_up(_: &[Self]) -> Self {
        Self::Consuming
    }

    fn of_none_up(states: &[Self]) -> Self {
        if states.iter().all(|state| *state == Self::Stopped) {
            Self::Stopped
        } else {
            Self::Connecting
        }
    }
}

/// Supervised connections that consume, one a queue, so that a broken queue costs only itself. Dropping it ends them
/// soon; [`Consumer::close`] waits.
#[derive(Debug)]
pub struct Consumer {
    buffer: Arc<Buffer>,
    board: Arc<Board<ConsumerState>>,
    stop: CancellationToken,
    close: DropGuard,
    lines: Vec<JoinHandle<()>>,
}

impl Consumer {
    /// Returns at once and connects in the background. Must be called inside a tokio runtime.
    pub fn start(
        config: Config,
        subscriptions: Vec<Subscription>,
        options: ConsumerOptions,
    ) -> Self {
        Self::start_looking(config, subscriptions, options, LOOK_EVERY)
    }

    /// As [`Consumer::start`]; asks after a quiet queue every `look_every`.
    pub fn start_looking(
        config: Config,
        subscriptions: Vec<Subscription>,
        options: ConsumerOptions,
        look_every: Duration,
    ) -> Self {
        let ConsumerOptions { backoff } = options;
        let config = Arc::new(config);
        let close = CancellationToken::new();
        let stop = close.child_token();
        let buffer = Arc::new(Buffer::default());
        let names: Vec<Arc<str>> = subscriptions
            .iter()
            .map(|it| it.queue.as_str().into())
            .collect();
        let board = Arc::new(Board::new(ROLE, names.clone()));
        let mut lines = Vec::with_capacity(names.len());
        for (line, (subscription, name)) in subscriptions.into_iter().zip(names).enumerate() {
            let consuming = Consuming {
                config: Arc::clone(&config),
                subscription,
                backoff: backoff.clone(),
                look_every,
                buffer: Arc::clone(&buffer),
                board: Arc::clone(&board),
                line,
                name,
                phases: Phases {
                    stop: stop.clone(),
                    close: close.clone(),
                },
                is_dead_broken: AtomicBool::new(false),
            };
            lines.push(tokio::spawn(consuming.run()));
        }
        Self {
            buffer,
            board,
            stop,
            close: close.drop_guard(),
            lines,
        }
    }

    /// The next message. Waits through lost connections; `None` only after [`Consumer::stop`]. What was
    /// received on a connection that has died since is left out: it comes again. Losing the race in a
    /// `select!` loses no message.
    pub async fn next(&mut self) -> Option<Delivery> {
        loop {
            while let Some(delivery) = self.buffer.pop() {
                if delivery.is_live() {
                    return Some(delivery);
                }
                delivery.forget();
            }
            if self.stop.is_cancelled() {
                return None;
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.buffer.filled() => {}
            }
        }
    }

    /// Stops taking (R-Q-4): cancels at the broker and hands back what was received and not yet given out by
    /// [`Consumer::next`]. Returns when that is done, within seconds. Deliveries in hand can still be settled.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        // Each line enters its last state, however it ends.
        self.state()
            .wait_for(|state| *state == ConsumerState::Stopped)
            .await
            .ok();
    }

    /// Follows the consumer as a whole. See [`ConsumerState`].
    pub fn state(&self) -> watch::Receiver<ConsumerState> {
        self.board.whole()
    }

    /// Follows each queue, in the order of the subscriptions. A line ticks about once a second while its connection and
    /// its channel live, also while every message it may hold is in hand (R-Q-5).
    pub fn queues(&self) -> watch::Receiver<Vec<QueueHealth<ConsumerState>>> {
        self.board.lines()
    }

    /// When the consumer last found a line alive. `None` before the first connection.
    pub fn last_tick(&self) -> Option<Instant> {
        let lines = self.board.lines();
        lines.borrow().iter().filter_map(|it| it.tick).max()
    }

    /// Stops, waits up to `grace` for the deliveries in hand to be settled, and closes the connections; what is unsettled
    /// then is redelivered by the broker.
    pub async fn close(mut self, grace: Duration) {
        self.stop().await;
        timeout(grace, self.buffer.all_settled()).await.ok();
        let Self { close, lines, .. } = self;
        drop(close);
        for line in lines {
            if let Err(error) = line.await {
                tracing::error!(error = %error, "a consumer's task panicked");
            }
        }
    }
}
