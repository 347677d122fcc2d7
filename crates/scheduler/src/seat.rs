//! Keeps waiting for the chair beside the lease, or sits in it.

use fleet::chain;
use fleet::retry;
use std::sync::Arc;
use std::time::Duration;
use store::chair::Chair;
use store::{Config, StoreError};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Whoever got up queues again after those who wait.
const AWAY: Duration = Duration::from_secs(1);

/// Waits for the chair again whenever it is lost.
pub(crate) struct Seat {
    config: Config,
    chair: watch::Sender<Option<i32>>,
    leaving: Arc<Notify>,
}

/// View of a seat.
pub(crate) struct Sitting {
    chair: watch::Receiver<Option<i32>>,
    leaving: Arc<Notify>,
}

impl Seat {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            chair: watch::channel(None).0,
            leaving: Arc::default(),
        }
    }

    pub(crate) fn sitting(&self) -> Sitting {
        Sitting {
            chair: self.chair.subscribe(),
            leaving: Arc::clone(&self.leaving),
        }
    }

    /// Sits and waits until `stop`.
    pub(crate) async fn keep(self, stop: CancellationToken) {
        let mut failures = 0;
        while let Some(sat) = stop.run_until_cancelled(self.sit()).await {
            self.chair.send_replace(None);
            let wait = match sat {
                Ok(()) => {
                    failures = 0;
                    AWAY
                }
                Err(error) => {
                    failures += 1;
                    // The ask for the lease says loudly what is wrong with the database.
                    tracing::info!(error = chain(&error), "the chair cannot be waited for");
                    retry::reconnect(failures)
                }
            };
            stop.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
    }

    async fn sit(&self) -> Result<(), StoreError> {
        let mut chair = Chair::connect(&self.config).await?;
        chair.sit().await?;
        self.chair.send_replace(Some(chair.session()));
        tokio::select! {
            () = chair.lost() => tracing::info!("the chair was lost"),
            () = self.leaving.notified() => {}
        }
        Ok(())
    }
}

impl Sitting {
    /// Session that this process sits in the chair with; none while it waits.
    pub(crate) fn chair(&mut self) -> Option<i32> {
        *self.chair.borrow_and_update()
    }

    /// Waits until that is another. Cancel-safe.
    pub(crate) async fn changed(&mut self) {
        if self.chair.changed().await.is_err() {
            // Nobody waits for it any more.
            std::future::pending::<()>().await;
        }
    }

    /// Gets up, if this process sits.
    pub(crate) fn leave(&self) {
        self.leaving.notify_waiters();
    }
}
