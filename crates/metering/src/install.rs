//! The recorder of this process.

use crate::catalogue;
use crate::catalogue::{Exporter, Kind};
use crate::scrape::{Probe, Scrape};
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

/// Upper ends of a histogram's buckets; beyond the last is one more.
pub const SECONDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 60.0,
];

/// The commit that this build was made of, where the build was told.
const GIT: &str = match option_env!("RELINK_BUILD_GIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// Version of this build, and the commit that it was made of.
pub fn build() -> String {
    format!("{} {GIT}", env!("CARGO_PKG_VERSION"))
}

/// Starts counting in this process. Once; a second call is an error of the caller.
pub fn install(exporter: Exporter, probes: Vec<Probe>) -> Result<Scrape, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .map_err(|error| error.to_string())?;
    let handle = builder
        .install_recorder()
        .map_err(|error| error.to_string())?;
    for metric in catalogue::of(exporter) {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.help),
            Kind::Histogram => describe_histogram!(metric.name, metric.help),
        }
    }
    gauge!("relink_build_info", "version" => env!("CARGO_PKG_VERSION"), "git" => GIT).set(1.0);
    Ok(Scrape::new(handle, probes))
}
