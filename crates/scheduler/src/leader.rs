//! Who leads: the lease, renewed three times in its life, given up on stop.

use fleet::chain;
use metrics::gauge;
use std::time::Duration;
use store::scheduler::Leadership;
use store::{Store, StoreError};
use uuid::Uuid;

/// This process's claim to lead.
pub(crate) struct Leader {
    store: Store,
    holder: Uuid,
    lease: Duration,
    leadership: Option<Leadership>,
}

impl Leader {
    pub(crate) fn new(store: Store, lease: Duration) -> Self {
        Self {
            store,
            holder: Uuid::now_v7(),
            lease,
            leadership: None,
        }
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
        gauge!("relink_scheduler_leads").set(if taken.is_some() { 1.0 } else { 0.0 });
        Ok(begins)
    }

    /// The database could not be asked, or refused the fence: do not act as leader until it is asked again.
    pub(crate) fn doubt(&mut self) {
        self.leadership = None;
        gauge!("relink_scheduler_leads").set(0.0);
    }

    /// Lets another take over at once.
    pub(crate) async fn give_up(self) {
        let Some(leadership) = self.leadership else {
            return;
        };
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
