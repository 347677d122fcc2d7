//! What `/metrics` answers.

use metrics_exporter_prometheus::PrometheusHandle;

/// Looks at something just before it is told: sets gauges, and may answer lines of its own in Prometheus' text format,
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
}
