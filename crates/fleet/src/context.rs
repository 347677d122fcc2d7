//! What every run in a worker shares.

use crate::tools::Tools;
use crate::traced::Traced;
use provider::Provider;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A machine's margin between a run's limit and the end of its lease: time to record the failure.
const LEASE_MARGIN: Duration = Duration::from_secs(15);

/// Shared by all runs of one worker process.
pub struct Context {
    /// The database.
    pub store: Store,
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// What this worker brings along for jobs of its own.
    pub tools: Tools,
    /// This process, for leases, failures and audit rows.
    pub name: String,
    /// Cancelled when the worker is to stop taking work.
    pub stop: CancellationToken,
    /// Every run of a deciding job. Never aborted, also past its limit: its fence makes it harmless then.
    pub(crate) runs: TaskTracker,
    /// Runs that outlived their limit and still go on.
    pub(crate) overdue: AtomicUsize,
}

impl Context {
    /// A worker's shared state. `name` identifies the process.
    pub fn new(
        store: Store,
        provider: Arc<dyn Provider>,
        name: String,
        stop: CancellationToken,
    ) -> Self {
        Self {
            store,
            provider: Arc::new(Traced(provider)),
            tools: Tools::default(),
            name,
            stop,
            runs: TaskTracker::new(),
            overdue: AtomicUsize::new(0),
        }
    }

    /// Adds tools for jobs of its own.
    #[must_use]
    pub fn with_tools(mut self, tools: Tools) -> Self {
        self.tools = tools;
        self
    }

    /// How long a job of this kind is leased, machine time.
    pub fn lease(limit: Duration) -> Duration {
        limit + LEASE_MARGIN
    }

    /// Runs that outlived their limit and still go on.
    pub fn overdue_runs(&self) -> usize {
        self.overdue.load(Ordering::Relaxed)
    }
}
