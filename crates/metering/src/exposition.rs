//! Prometheus' text format, for gauges that must be gone as soon as they do not hold: a recorder never forgets one.

use crate::catalogue;
use crate::catalogue::{Metric, Start};
use crate::job_kind::JobKind;
use crate::labels::{Label, OTHER};
use crate::sets::{Set, sets};
use policy::jobs::Queue;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Every census gauge of the catalogue with every set of its labels, as 0 until told otherwise. No other can be added,
/// so the number of series is bounded by construction.
pub struct Exposition {
    gauges: Vec<(&'static Metric, BTreeMap<Set, f64>)>,
}

impl Exposition {
    /// All of them, as 0.
    pub fn zeros(jobs: &[JobKind]) -> Self {
        let zeros = |metric: &'static Metric| {
            let sets = sets(metric, jobs, &Queue::ALL);
            (metric, sets.into_iter().map(|set| (set, 0.0)).collect())
        };
        let census = |metric: &&Metric| metric.start == Start::Census;
        Self {
            gauges: catalogue::all().filter(census).map(zeros).collect(),
        }
    }

    /// Adds to the series of a gauge; `words` are its labels' values in the catalogue's order. A word that no label
    /// knows counts as `other`, or where there is no such, not at all.
    pub fn add(&mut self, name: &str, words: &[&str], value: f64) {
        let found = self.gauges.iter_mut().find(|it| it.0.name == name);
        debug_assert!(found.is_some(), "{name} is no census gauge");
        let Some((metric, series)) = found else {
            return;
        };
        let exact = key(metric.labels, series, words);
        if let Some(amount) = exact.and_then(|key| series.get_mut(&key)) {
            *amount += value;
        }
    }

    /// In Prometheus' text format.
    pub fn render(&self) -> String {
        let mut text = String::new();
        for (metric, series) in &self.gauges {
            let Metric { name, help, .. } = metric;
            // Writing to a String cannot fail.
            writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge").ok();
            for (set, value) in series {
                let labels: Vec<String> = set
                    .iter()
                    .map(|(label, value)| format!("{label}=\"{value}\""))
                    .collect();
                let labels = labels.join(",");
                let braced = if labels.is_empty() {
                    labels
                } else {
                    format!("{{{labels}}}")
                };
                writeln!(text, "{name}{braced} {value}").ok();
            }
            text.push('\n');
        }
        text
    }
}

/// The set that these words name.
fn key(labels: &[Label], series: &BTreeMap<Set, f64>, words: &[&str]) -> Option<Set> {
    debug_assert_eq!(labels.len(), words.len(), "a word for each label");
    let named = |words: &[&str]| {
        let same = |set: &&Set| set.iter().map(|it| it.1).eq(words.iter().copied());
        series.keys().find(same).cloned()
    };
    named(words).or_else(|| match words {
        [_] => named(&[OTHER]),
        _ => None,
    })
}
