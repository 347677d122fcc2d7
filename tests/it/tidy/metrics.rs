//! Every metric that a source names stands in the catalogue, and every one of the catalogue is named by a source.

use super::{show, sources, without};
use metering::catalogue::{Exporter, Kind, all};
use std::collections::BTreeSet;

/// Roles and channels of the database, which are named like metrics.
const ROLES: &[&str] = &[
    "relink_owner",
    "relink_worker",
    "relink_scheduler",
    "relink_reader",
    "relink_operator",
    "relink_jobs",
];

#[test]
fn no_metric_is_named_that_the_catalogue_does_not_know_and_none_of_it_is_dead() {
    let known: BTreeSet<&str> = all().map(|metric| metric.name).collect();
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut wrong = vec![];
    for file in sources("crates", "rs") {
        if show(&file).starts_with("crates/metering/src/catalogue/") {
            continue;
        }
        let text = without("//", &file);
        for name in literals(&text) {
            if !known.contains(name) && !ROLES.contains(&name) {
                wrong.push(format!("{} names {name}", show(&file)));
            }
            named.insert(name.to_owned());
        }
        // A name that is put together would escape this test.
        for word in ["counter!(", "gauge!(", "histogram!("] {
            for (_, rest) in text
                .match_indices(word)
                .map(|(at, _)| text.split_at(at + word.len()))
            {
                let first = rest.trim_start();
                let is_told = first.starts_with("\"relink_")
                    || first.starts_with("measure::")
                    || first.starts_with("metric.name")
                    || first.starts_with("*metric");
                if !is_told {
                    let shown: String = first.chars().take(40).collect();
                    wrong.push(format!("{} counts {shown}", show(&file)));
                }
            }
        }
    }
    let dead = known.iter().filter(|name| !named.contains(**name));
    wrong.extend(dead.map(|name| format!("nothing tells {name}")));
    assert_eq!(wrong, [] as [String; 0]);
}

/// Counts that the store hands up as values: each name and its labels are literals, side by side.
#[test]
fn counts_of_decisions_stand_in_the_catalogue_with_their_labels() {
    let mut counted: BTreeSet<String> = BTreeSet::new();
    let mut wrong = vec![];
    for file in sources("crates/store/src", "rs") {
        // The one place that passes names on.
        if show(&file).ends_with("store/src/counted.rs") {
            continue;
        }
        let text = without("//", &file);
        for (word, kind) in [(".count(", Kind::Counter), (".observe(", Kind::Histogram)] {
            for call in text.split(word).skip(1) {
                let call = call.split(';').next().unwrap_or_default();
                if call.starts_with(')') {
                    continue;
                }
                let mut words = literals_before_commas(call);
                let name = words.next().unwrap_or_default().to_owned();
                let labels: Vec<&str> = words.collect();
                if !is_in_the_catalogue(&name, kind, &labels) {
                    wrong.push(format!("{} counts {name} by {labels:?}", show(&file)));
                }
                counted.insert(name);
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
    assert!(
        counted.len() >= 9,
        "only {counted:?} are found in the sources"
    );
}

/// Whether workers export a metric of that name, kind and labels.
fn is_in_the_catalogue(name: &str, kind: Kind, labels: &[&str]) -> bool {
    let mut metrics = all();
    metrics.any(|metric| {
        let of = metric.labels.iter().map(|label| label.name);
        metric.name == name
            && metric.kind == kind
            && metric.by.contains(&Exporter::Worker)
            && of.eq(labels.iter().copied())
    })
}

/// Literals at which an argument or the first half of a pair begins.
fn literals_before_commas(call: &str) -> impl Iterator<Item = &str> {
    let begins = call.split(['(', '[']).map(str::trim_start);
    begins.filter_map(|rest| rest.strip_prefix('"')?.split_once('"').map(|it| it.0))
}

/// Literals of a source that are a name like a metric's.
fn literals(text: &str) -> Vec<&str> {
    let parts = text.split('"').skip(1);
    let is_name = |part: &&str| {
        part.starts_with("relink_")
            && part
                .chars()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
    };
    parts.filter(is_name).collect()
}
