//! What a job may look at while it gathers facts.

use crate::error::JobError;
use crate::tools::Tools;
use jiff::Timestamp;
use provider::Provider;
use std::sync::Arc;
use std::time::Duration;
use store::jobs::Claimed;
use store::{ClockReading, Store, StoreError, Tx};

/// A view of the world for one run of one job.
pub struct Look {
    /// The database. Close every transaction before asking the provider.
    pub store: Store,
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// What the worker brought along.
    pub tools: Tools,
    /// The job.
    pub job: Claimed,
    /// How long the run may last, machine time.
    pub limit: Duration,
}

impl Look {
    /// Begins a transaction to read in.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        self.store.begin().await
    }

    /// The instant, by the database's clock.
    pub async fn now(&self) -> Result<Timestamp, JobError> {
        Ok(self.clock().await?.at)
    }

    /// The instant and how fast the clock runs.
    pub async fn clock(&self) -> Result<ClockReading, JobError> {
        Ok(self.store.now().await?)
    }
}
