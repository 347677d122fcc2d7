//! Hears doorbells.

use crate::buffer::Buffer;
use crate::consuming::{Consuming, Phases};
use crate::{Backoff, Config, Delivery};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

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

/// Whether messages can arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerState {
    /// Not connected; trying.
    Connecting,
    /// The broker knows all its consumers.
    Consuming,
    /// [`Consumer::stop`] has taken effect: nothing arrives, and settling still works.
    Stopped,
}

/// A supervised connection that consumes. Dropping it ends the connection soon; [`Consumer::close`] waits.
#[derive(Debug)]
pub struct Consumer {
    buffer: Arc<Buffer>,
    state: watch::Receiver<ConsumerState>,
    tick: watch::Receiver<Option<Instant>>,
    stop: CancellationToken,
    close: DropGuard,
    task: JoinHandle<()>,
}

impl Consumer {
    /// Returns at once and connects in the background. Must be called inside a tokio runtime.
    pub fn start(
        config: Config,
        subscriptions: Vec<Subscription>,
        options: ConsumerOptions,
    ) -> Self {
        let close = CancellationToken::new();
        let stop = close.child_token();
        let buffer = Arc::new(Buffer::default());
        let (state_sender, state) = watch::channel(ConsumerState::Connecting);
        let (tick_sender, tick) = watch::channel(None);
        let phases = Phases {
            stop: stop.clone(),
            close: close.clone(),
        };
        let consuming = Consuming::new(
            config,
            subscriptions,
            options,
            Arc::clone(&buffer),
            state_sender,
            tick_sender,
            phases,
        );
        let task = tokio::spawn(consuming.run());
        Self {
            buffer,
            state,
            tick,
            stop,
            close: close.drop_guard(),
            task,
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
        // An error means that the task has ended, and with it the connection and all that it held.
        self.state
            .wait_for(|state| *state == ConsumerState::Stopped)
            .await
            .ok();
    }

    /// Follows the connection. See [`ConsumerState`].
    pub fn state(&self) -> watch::Receiver<ConsumerState> {
        self.state.clone()
    }

    /// When the consumer last found its connection and all its consumer tags alive; about once a second, also
    /// while every message it may hold is in hand (R-Q-5). `None` before the first connection.
    pub fn last_tick(&self) -> Option<Instant> {
        *self.tick.borrow()
    }

    /// Follows [`Consumer::last_tick`].
    pub fn tick(&self) -> watch::Receiver<Option<Instant>> {
        self.tick.clone()
    }

    /// Stops, waits up to `grace` for the deliveries in hand to be settled, and closes the connection; what
    /// is unsettled then is redelivered by the broker.
    pub async fn close(mut self, grace: Duration) {
        self.stop().await;
        timeout(grace, self.buffer.all_settled()).await.ok();
        let Self { close, task, .. } = self;
        drop(close);
        if let Err(error) = task.await {
            tracing::error!(error = %error, "the consumer's task panicked");
        }
    }
}
