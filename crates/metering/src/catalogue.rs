//! Every metric of every process: the one closed list. What is not in it is not described, not zeroed and not in
//! `docs/metrics.md`, and a test refuses its name in any source.

mod api;
mod broker;
mod census;
mod jobs;
mod process;
mod provider;
mod removals;
mod rules;
mod scheduler;

use crate::labels::Label;
use policy::jobs::Queue;

policy::words! {
    /// Type of a metric, with Prometheus' word for it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Kind {
        /// Only grows.
        Counter = "counter",
        /// Goes up and down.
        Gauge = "gauge",
        /// Observations in [`crate::SECONDS`].
        Histogram = "histogram",
    }
}

policy::words! {
    /// Kind of process with a `/metrics` of its own, with the word of its command.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Exporter {
        /// `relink worker`.
        Worker = "worker",
        /// `relink scheduler`.
        Scheduler = "scheduler",
        /// `relink api`.
        Api = "api",
    }
}

/// From when on a series is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// From the start, as 0, for every set of its labels' values: an absent series means an absent process.
    Zero,
    /// Once its value is known: a time stamp of 0 would be a lie.
    Known,
    /// While this scheduler leads, from its first census on. The lease lost, it is gone at once.
    Census,
}

/// A line of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// `relink_…`, by Prometheus' conventions.
    pub name: &'static str,
    /// What it is to Prometheus.
    pub kind: Kind,
    /// One sentence.
    pub help: &'static str,
    /// Its labels, each with a closed set of values.
    pub labels: &'static [Label],
    /// Who exports it.
    pub by: &'static [Exporter],
    /// Only workers that consume this queue export it.
    pub queue: Option<Queue>,
    /// From when on it is there.
    pub start: Start,
}

impl Metric {
    const fn new(kind: Kind, name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            kind,
            help,
            labels: &[],
            by: &[Exporter::Worker],
            queue: None,
            start: Start::Zero,
        }
    }

    const fn counter(name: &'static str, help: &'static str) -> Self {
        Self::new(Kind::Counter, name, help)
    }

    const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self::new(Kind::Gauge, name, help)
    }

    const fn histogram(name: &'static str, help: &'static str) -> Self {
        Self::new(Kind::Histogram, name, help)
    }

    const fn census(name: &'static str, help: &'static str) -> Self {
        Self::gauge(name, help)
            .by(&[Exporter::Scheduler])
            .from(Start::Census)
    }

    const fn labels(mut self, labels: &'static [Label]) -> Self {
        self.labels = labels;
        self
    }

    const fn by(mut self, by: &'static [Exporter]) -> Self {
        self.by = by;
        self
    }

    const fn only_on(mut self, queue: Queue) -> Self {
        self.queue = Some(queue);
        self
    }

    const fn from(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// The base unit that its name ends on.
    pub fn unit(&self) -> &'static str {
        let name = self.name.trim_end_matches("_total");
        if name.ends_with("_timestamp_seconds") {
            "seconds since 1970"
        } else if name.ends_with("_seconds") {
            "seconds"
        } else {
            "1"
        }
    }
}

/// The catalogue. A name stands twice only where two processes give a label other values.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    [
        api::METRICS,
        jobs::METRICS,
        rules::METRICS,
        removals::METRICS,
        provider::METRICS,
        broker::METRICS,
        process::METRICS,
        scheduler::METRICS,
        census::METRICS,
    ]
    .into_iter()
    .flatten()
}

/// What this process exports.
pub fn of(exporter: Exporter) -> impl Iterator<Item = &'static Metric> {
    all().filter(move |metric| metric.by.contains(&exporter))
}
