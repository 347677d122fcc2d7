//! Rings doorbells, and says of each what became of it.

use crate::publishing::{Publishing, Ring};
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
    /// Messages accepted and not yet taken out again with [`Publisher::outcome`]. 1,024 keeps a broker busy.
    pub window: usize,
    /// After this a message without a confirmation is [`crate::Verdict::Lost`].
    pub confirm_timeout: Duration,
    /// Between attempts to connect.
    pub backoff: Backoff,
}

/// Whether publishing makes sense now (R-Q-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublisherState {
    /// Not connected; trying.
    Connecting,
    /// Accepting.
    Up,
    /// The broker is short of memory or disk and reads nothing more from this connection. RabbitMQ says so
    /// only after the first message sent into its alarm: that one waits in the socket, and is `Lost` if the
    /// alarm outlasts the confirm time-out.
    Blocked,
}

/// Why a message was not accepted: nothing of it was written, and no outcome will come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// No connection; wait for [`Publisher::state`].
    #[error("ring: not connected to the broker")]
    Down,
    /// `connection.blocked`; wait for [`Publisher::state`].
    #[error("ring: the broker's alarm forbids publishing")]
    Blocked,
    /// The window is full: take an outcome first.
    #[error("ring: too many messages without a verdict")]
    Full,
    /// The doorbell breaks a limit and could not be decoded by its consumers.
    #[error("ring: the doorbell breaks a limit")]
    Invalid(#[source] Undecodable),
}

/// A supervised connection in confirm mode. Dropping it ends the connection soon; [`Publisher::close`] waits.
#[derive(Debug)]
pub struct Publisher {
    rings: mpsc::Sender<Ring>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    window: Arc<Semaphore>,
    state: watch::Receiver<PublisherState>,
    task: JoinHandle<()>,
    _stop: DropGuard,
}

impl Publisher {
    /// Returns at once and connects in the background; `queues` are declared on every connection.
    /// Must be called inside a tokio runtime.
    pub fn start(config: Config, queues: &[&str], options: PublisherOptions) -> Self {
        let stop = CancellationToken::new();
        let (rings, accepted) = mpsc::channel(options.window.max(1));
        // Bounded by the window: a permit is given back only when an outcome is taken out.
        let (decided, outcomes) = mpsc::unbounded_channel();
        let (state_sender, state) = watch::channel(PublisherState::Connecting);
        let window = Arc::new(Semaphore::new(options.window.max(1)));
        let queues = queues.iter().map(|&name| name.to_owned()).collect();
        let publishing = Publishing::new(
            config,
            queues,
            options,
            accepted,
            decided,
            state_sender,
            stop.clone(),
        );
        let task = tokio::spawn(publishing.run());
        Self {
            rings,
            outcomes,
            window,
            state,
            task,
            _stop: stop.drop_guard(),
        }
    }

    /// Hands a message to the connection without waiting: for the network, for room, or for the verdict,
    /// which comes out of [`Publisher::outcome`] under this `message_id`.
    pub fn publish(
        &self,
        queue: &str,
        message_id: Uuid,
        doorbell: &Doorbell,
    ) -> Result<(), NotPublished> {
        match *self.state.borrow() {
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
        let permit = self.window.try_acquire().map_err(|_| NotPublished::Full)?;
        self.rings.try_send(ring).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotPublished::Full,
            mpsc::error::TrySendError::Closed(_) => NotPublished::Down,
        })?;
        permit.forget();
        Ok(())
    }

    /// The next verdict, in the order of the decisions. Pending while nothing is in flight; within the
    /// confirm time-out otherwise. `None` only when the publisher's task has ended, which it does not
    /// before [`Publisher::close`]. Losing the race in a `select!` loses no verdict.
    pub async fn outcome(&mut self) -> Option<Outcome> {
        let outcome = self.outcomes.recv().await?;
        self.window.add_permits(1);
        Some(outcome)
    }

    /// As [`Publisher::outcome`], up to `limit` at once; returns how many were added.
    pub async fn outcomes(&mut self, into: &mut Vec<Outcome>, limit: usize) -> usize {
        let count = self.outcomes.recv_many(into, limit).await;
        self.window.add_permits(count);
        count
    }

    /// Follows the connection. See [`PublisherState`].
    pub fn state(&self) -> watch::Receiver<PublisherState> {
        self.state.clone()
    }

    /// Ends the connection, within a few seconds, and returns the verdicts not yet taken; what is still
    /// unconfirmed is `Lost`.
    pub async fn close(self) -> Vec<Outcome> {
        let Self {
            mut outcomes,
            task,
            _stop: stop,
            ..
        } = self;
        drop(stop);
        if let Err(error) = task.await {
            tracing::error!(error = %error, "the publisher's task panicked");
        }
        let mut rest = Vec::new();
        while let Ok(outcome) = outcomes.try_recv() {
            rest.push(outcome);
        }
        rest
    }
}
