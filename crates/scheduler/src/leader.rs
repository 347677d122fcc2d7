//! Who leads: the lease, renewed three times in its life, given up on stop.

use fleet::chain;
use std::time::{Duration, Instant};
use store::scheduler::Leadership;
use store::{Store, StoreError};
use tokio::sync::watch;
use uuid::Uuid;

/// This process's claim to lead.
pub(crate) struct Leader {
    store: Store,
    holder: Uuid,
    lease: Duration,
    leadership: Option<Leadership>,
    standing: watch::Sender<Option<Standing>>,
}

/// What this process may believe of its lease without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The lease.
    pub(crate) leadership: Leadership,
    /// Until when, on this machine's stopwatch: somebody else may lead from then on.
    until: Instant,
}

impl Standing {
    /// Whether this process leads still.
    pub(crate) fn holds(&self) -> bool {
        Instant::now() < self.until
    }
}

impl Leader {
    pub(crate) fn new(store: Store, lease: Duration) -> Self {
        Self {
            store,
            holder: Uuid::now_v7(),
            lease,
            leadership: None,
            standing: watch::channel(None).0,
        }
    }

    /// Follows the lease.
    pub(crate) fn standing(&self) -> watch::Receiver<Option<Standing>> {
        self.standing.subscribe()
    }

    /// How often to renew.
    pub(crate) fn period(&self) -> Duration {
        self.lease / 3
    }

    /// The lease, as far as this process knows. What is enqueued under it is fenced by the database all the same.
    pub(crate) fn leadership(&self) -> Option<Leadership> {
        self.leadership
    }

    /// Takes or renews the lease. True if this process has just begun to lead.
    pub(crate) async fn renew(&mut self) -> Result<bool, StoreError> {
        let began = Instant::now();
        let tx = self.store.begin().await?;
        let taken = tx.take_lease(self.holder, self.lease).await?;
        tx.finish().await?;
        let begins = taken.is_some() && taken != self.leadership;
        match (self.leadership, taken) {
            (_, Some(now)) if begins => tracing::info!(epoch = now.epoch, "this scheduler leads"),
            (Some(_), None) => tracing::warn!("another scheduler leads now"),
            _ => {}
        }
        self.leadership = taken;
        self.standing.send_replace(taken.map(|leadership| Standing {
            leadership,
            until: began + self.lease,
        }));
        Ok(begins)
    }

    /// The database could not be asked, or refused the fence: do not act as leader until it is asked again.
    pub(crate) fn doubt(&mut self) {
        self.leadership = None;
        self.standing.send_replace(None);
    }

    /// Lets another take over at once.
    pub(crate) async fn give_up(self) {
        let Some(leadership) = self.leadership else {
            return;
        };
        self.standing.send_replace(None);
        let given = async {
            let tx = self.store.begin().await?;
            tx.give_up_lease(leadership).await?;
            tx.finish().await
        };
        if let Err(error) = given.await {
            tracing::info!(error = chain(&error), "the lease ends by itself");
        }
    }
}
