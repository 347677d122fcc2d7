//! What `/metrics` answers, and what keeps its memory bounded while nobody asks.

use metrics_exporter_prometheus::PrometheusHandle;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Time between two rounds of upkeep in a process of the fleet, of the machine's clock.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Looks at something just before it is exported: sets gauges, and may answer lines of its own in Prometheus' text format,
/// for what must be gone as soon as it does not hold.
pub type Probe = Box<dyn Fn() -> String + Send + Sync>;

/// Everything that this process exports.
pub struct Scrape {
    handle: PrometheusHandle,
    probes: Vec<Probe>,
}

impl Scrape {
    pub(super) fn new(handle: PrometheusHandle, probes: Vec<Probe>) -> Self {
        Self { handle, probes }
    }

    /// The answer, in Prometheus' text format.
    pub fn render(&self) -> String {
        let own: String = self.probes.iter().map(|probe| probe()).collect();
        self.handle.render() + &own
    }

    /// Sums up what was observed, again and again until `over`. The recorder keeps each sample of a histogram until it is
    /// asked or this is done: without it, a process that nobody scrapes grows for ever.
    pub async fn keep_up(&self, every: Duration, over: &CancellationToken) {
        loop {
            tokio::select! {
                () = over.cancelled() => return,
                () = tokio::time::sleep(every) => self.handle.run_upkeep(),
            }
        }
    }
}
