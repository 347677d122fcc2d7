//! Every set of labels that a process can ever export: how many there are, and their zeros.

use crate::catalogue;
use crate::catalogue::{Exporter, Kind, Metric, Start};
use crate::install::SECONDS;
use crate::job_kind::JobKind;
use crate::labels::Values;
use metrics::{Key, Label, Level, Metadata};
use policy::alerts::alert_class;
use policy::jobs::Queue;

/// Series of a histogram: its buckets, the one beyond them, sum and count.
const HISTOGRAM: usize = SECONDS.len() + 3;

/// Labels with their values.
pub type Set = Vec<(&'static str, &'static str)>;

/// Sets of a metric's labels in a process that knows these kinds of `jobs` and works on `queues`. One without labels has one.
pub fn sets(metric: &Metric, jobs: &[JobKind], queues: &[Queue]) -> Vec<Set> {
    let mut sets: Vec<Set> = vec![vec![]];
    for label in metric.labels {
        let values = label.values.list(jobs);
        sets = sets
            .iter()
            .flat_map(|set| {
                let one = |value: &&'static str| {
                    let mut longer = set.clone();
                    longer.push((label.name, *value));
                    longer
                };
                values.iter().map(one).collect::<Vec<_>>()
            })
            .collect();
    }
    sets.retain(|set| occurs(metric, set, jobs, queues));
    sets
}

/// A kind stands on one queue, a worker meets only its own queues, and a code has one class.
fn occurs(metric: &Metric, set: &Set, jobs: &[JobKind], queues: &[Queue]) -> bool {
    let of = |values: fn(&Values) -> bool| {
        let place = metric.labels.iter().position(|label| values(&label.values));
        place.map(|place| set[place].1)
    };
    let queue = of(|values| matches!(values, Values::Queues));
    let kind = of(|values| matches!(values, Values::Kinds));
    let code = of(|values| matches!(values, Values::Codes));
    let class = of(|values| matches!(values, Values::Classes));
    if let (Some(code), Some(class)) = (code, class) {
        return alert_class(code).as_str() == class;
    }
    let met = |name: &str| queues.iter().any(|queue| queue.as_str() == name);
    let job = kind.and_then(|name| jobs.iter().find(|job| job.kind.name == name));
    match (queue, job.map(|job| job.kind.queue.as_str())) {
        (Some(queue), Some(of)) => of == queue && met(queue),
        (Some(queue), None) => met(queue),
        (None, Some(of)) => met(of),
        (None, None) => true,
    }
}

/// The most series that such a process can ever have, every value of every label having occurred.
pub fn bound(exporter: Exporter, jobs: &[JobKind], queues: &[Queue]) -> usize {
    catalogue::of(exporter)
        .map(|metric| {
            // What is known of a build alone is one series.
            let sets = sets(metric, jobs, queues).len().max(1);
            match metric.kind {
                Kind::Histogram => sets * HISTOGRAM,
                Kind::Counter | Kind::Gauge => sets,
            }
        })
        .sum()
}

/// Makes every series that can be known at the start, so that an absent one means an absent process. What has been
/// counted already stays.
pub fn zero(exporter: Exporter, jobs: &[JobKind], queues: &[Queue]) {
    const METADATA: Metadata<'static> =
        Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
    let met = |metric: &&Metric| metric.queue.is_none_or(|queue| queues.contains(&queue));
    let known = |metric: &&Metric| metric.start == Start::Zero;
    for metric in catalogue::of(exporter).filter(known).filter(met) {
        for set in sets(metric, jobs, queues) {
            let labels: Vec<Label> = set
                .into_iter()
                .map(|(name, value)| Label::from_static_parts(name, value))
                .collect();
            let key = Key::from_parts(metric.name, labels);
            metrics::with_recorder(|recorder| match metric.kind {
                Kind::Counter => recorder.register_counter(&key, &METADATA).increment(0),
                Kind::Gauge => recorder.register_gauge(&key, &METADATA).increment(0.0),
                Kind::Histogram => drop(recorder.register_histogram(&key, &METADATA)),
            });
        }
    }
}
