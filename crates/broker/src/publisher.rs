//! Rings doorbells, and says of each what became of it.

use crate::arrival::Ring;
use crate::board::{Board, LineState, QueueHealth};
use crate::publishing::{LineOutcome, Publishing, ROLE};
use crate::{Backoff, Config, Doorbell, Outcome, Undecodable};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

/// How a publisher behaves.
#[derive(Clone, Debug)]
pub struct PublisherOptions {
    /// Messages of a queue accepted and not yet taken out again with [`Publisher::outcome`]. 1,024 keeps a broker busy.
    pub window: usize,
    /// After this a message without a confirmation is [`crate::Verdict::Lost`].
    pub confirm_timeout: Duration,
    /// Between attempts to connect.
    pub backoff: Backoff,
}

/// Whether publishing makes sense now (R-Q-2), to one queue or to any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublisherState {
    /// Not connected; trying.
    Connecting,
    /// Accepting; of a whole publisher, for some queue.
    Up,
    /// The broker is short of memory or disk and reads nothing more from a connection that publishes. RabbitMQ says so
    /// only after the first message sent into its alarm: that one waits in the socket, and is `Lost` if the
    /// alarm outlasts the confirm time-out.
    Blocked,
}

/// Why a message was not accepted: nothing of it was written, and no outcome will come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// No connection for this queue; wait for [`Publisher::state`], which tells each that comes up.
    #[error("ring: not connected to the broker")]
    Down,
    /// `connection.blocked`; wait for [`Publisher::state`].
    #[error("ring: the broker's alarm forbids publishing")]
    Blocked,
    /// The queue's window is full: take an outcome first.
    #[error("ring: too many messages without a verdict")]
    Full,
    /// The doorbell breaks a limit and could not be decoded by its consumers.
    #[error("ring: the doorbell breaks a limit")]
    Invalid(#[source] Undecodable),
}

impl LineState for PublisherState {
    const DOWN: Self = Self::Connecting;

    fn is_up(self) -> bool {
        self != Self::Connecting
    }

    /// An alarm is the whole broker's, and only who publishes is told of it.
    fn of_some_up(states: &[Self]) -> Self {
        if states.contains(&Self::Blocked) {
            Self::Blocked
        } else {
            Self::Up
        }
    }

    fn of_none_up(_: &[Self]) -> Self {
        Self::Connecting
    }
}

/// Supervised connections in confirm mode, one a queue, so that a broken queue costs only itself. Dropping it ends them
/// soon; [`Publisher::close`] waits.
#[derive(Debug)]
pub struct Publisher {
    lines: Vec<Line>,
    board: Arc<Board<PublisherState>>,
    outcomes: mpsc::UnboundedReceiver<LineOutcome>,
    tasks: Vec<JoinHandle<()>>,
    _stop: DropGuard,
}

/// Way to one queue.
#[derive(Debug)]
struct Line {
    queue: Arc<str>,
    rings: mpsc::Sender<Ring>,
    window: Semaphore,
}

impl Publisher {
    /// Returns at once and connects in the background; `queues`, at least one, are declared on every connection.
    /// Must be called inside a tokio runtime.
    pub fn start(config: Config, queues: &[&str], options: PublisherOptions) -> Self {
        let stop = CancellationToken::new();
        let (config, options) = (Arc::new(config), Arc::new(options));
        let size = options.window.max(1);
        // Bounded by the windows: a permit is given back only when an outcome is taken out.
        let (decided, outcomes) = mpsc::unbounded_channel();
        let names: Vec<Arc<str>> = queues.iter().map(|&name| name.into()).collect();
        let board = Arc::new(Board::new(ROLE, names.clone()));
        let (mut lines, mut tasks) = (vec![], vec![]);
        for (line, queue) in names.into_iter().enumerate() {
            let (rings, accepted) = mpsc::channel(size);
            let publishing = Publishing {
                config: Arc::clone(&config),
                queue: Arc::clone(&queue),
                line,
                options: Arc::clone(&options),
                rings: accepted,
                outcomes: decided.clone(),
                board: Arc::clone(&board),
                stop: stop.clone(),
            };
            tasks.push(tokio::spawn(publishing.run()));
            lines.push(Line {
                queue,
                rings,
                window: Semaphore::new(size),
            });
        }
        Self {
            lines,
            board,
            outcomes,
            tasks,
            _stop: stop.drop_guard(),
        }
    }

    /// Hands a message to its queue's connection without waiting: for the network, for room, or for the verdict,
    /// which comes out of [`Publisher::outcome`] under this `message_id`. What is for no queue of this publisher takes
    /// the first one's connection.
    pub fn publish(
        &self,
        queue: &str,
        message_id: Uuid,
        doorbell: &Doorbell,
    ) -> Result<(), NotPublished> {
        if *self.board.whole().borrow() == PublisherState::Blocked {
            return Err(NotPublished::Blocked);
        }
        let place = self.lines.iter().position(|line| *line.queue == *queue);
        let place = place.unwrap_or(0);
        let line = self.lines.get(place).ok_or(NotPublished::Down)?;
        match self.board.state(place) {
            PublisherState::Up => {}
            PublisherState::Connecting => return Err(NotPublished::Down),
            PublisherState::Blocked => return Err(NotPublished::Blocked),
        }
        let body = doorbell.encode().map_err(NotPublished::Invalid)?;
        let ring = Ring {
            queue: queue.to_owned(),
            message_id,
            body,
            properties: doorbell.properties(message_id),
        };
        let permit = line.window.try_acquire().map_err(|_| NotPublished::Full)?;
        line.rings.try_send(ring).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotPublished::Full,
            mpsc::error::TrySendError::Closed(_) => NotPublished::Down,
        })?;
        permit.forget();
        Ok(())
    }

    /// The next verdict, of each queue in the order of the decisions. Pending while nothing is in flight; within the
    /// confirm time-out otherwise. `None` only when the publisher's tasks have ended, which they do not
    /// before [`Publisher::close`]. Losing the race in a `select!` loses no verdict.
    pub async fn outcome(&mut self) -> Option<Outcome> {
        let told = self.outcomes.recv().await?;
        Some(self.take(told))
    }

    /// As [`Publisher::outcome`], up to `limit` at once; returns how many were added.
    pub async fn outcomes(&mut self, into: &mut Vec<Outcome>, limit: usize) -> usize {
        let mut told = Vec::with_capacity(limit);
        let count = self.outcomes.recv_many(&mut told, limit).await;
        into.extend(told.into_iter().map(|it| self.take(it)));
        count
    }

    fn take(&self, told: LineOutcome) -> Outcome {
        self.lines[told.line].window.add_permits(1);
        told.outcome
    }

    /// Follows the publisher as a whole. LineOutcome anew when the connection of any queue comes up: what was rung for on the one
    /// before may be gone. See [`PublisherState`].
    pub fn state(&self) -> watch::Receiver<PublisherState> {
        self.board.whole()
    }

    /// Follows each queue, in the order in which they were named.
    pub fn queues(&self) -> watch::Receiver<Vec<QueueHealth<PublisherState>>> {
        self.board.lines()
    }

    /// Queues whose connection came up since the last call.
    pub fn revived(&self) -> Vec<Arc<str>> {
        self.board.take_revived()
    }

    /// Ends the connections, within a few seconds, and returns the verdicts not yet taken; what is still
    /// unconfirmed is `Lost`.
    pub async fn close(self) -> Vec<Outcome> {
        let Self {
            mut outcomes,
            tasks,
            _stop: stop,
            ..
        } = self;
        drop(stop);
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "a publisher's task panicked");
            }
        }
        let mut rest = Vec::new();
        while let Ok(told) = outcomes.try_recv() {
            rest.push(told.outcome);
        }
        rest
    }
}
