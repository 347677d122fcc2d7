//! What is exported, on one page: `docs/metrics.md` is printed from the catalogue; and how many series that can be.

use fleet::counted_kinds;
use metering::catalogue::{Exporter, Kind, Metric, Start, all};
use metering::labels::Values;
use metering::{bound, sets};
use policy::jobs::Queue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use tests::printed::is_as_printed;

/// Series of one process at most, whatever the fleet's size.
pub(crate) const SERIES_MAX: usize = 3_000;
/// Values of one label at most.
const VALUES_MAX: usize = 80;

#[test]
fn the_catalogue_of_metrics_is_what_the_docs_show() {
    is_as_printed("metrics.md", &page(), "the catalogue and its labels");
}

#[test]
fn metrics_are_named_by_prometheus_conventions_and_no_label_can_hold_an_id() {
    let mut wrong = vec![];
    let mut told: BTreeMap<&str, &Metric> = BTreeMap::new();
    for metric in all() {
        let name = metric.name;
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{name}: {what}"));
            }
        };
        let is_plain = |name: &str| name.chars().all(|it| it.is_ascii_lowercase() || it == '_');
        check(name.starts_with("relink_") && is_plain(name), "its name");
        let is_total = name.ends_with("_total");
        check(
            is_total == (metric.kind == Kind::Counter),
            "_total is a counter's",
        );
        let is_measured = metric.kind != Kind::Histogram || name.ends_with("_seconds");
        check(is_measured, "a histogram has its unit last");
        let foreign = [
            "_count", "_sum", "_bucket", "_gauge", "_counter", "_ms", "_minutes",
        ];
        check(!foreign.iter().any(|end| name.ends_with(end)), "its end");
        let says = metric.help.len() > 10
            && !metric.help.ends_with('.')
            && !metric.help.contains(['\n', '\\', '|']);
        check(says, "its help");
        check(!metric.by.is_empty(), "nobody exports it");
        for label in metric.labels {
            check(is_plain(label.name), "a label's name");
            let values = label.values.list(&counted_kinds(&duties::roster()));
            let distinct: BTreeSet<&str> = values.iter().copied().collect();
            check(distinct.len() == values.len(), "a value stands twice");
            check(values.len() <= VALUES_MAX, "too many values");
            let is_open = matches!(label.values, Values::Build);
            check(is_open || !values.is_empty(), "no values");
        }
        if let Some(twin) = told.insert(name, metric) {
            let same =
                (twin.kind, twin.help, twin.start) == (metric.kind, metric.help, metric.start);
            let apart = !twin.by.iter().any(|by| metric.by.contains(by));
            check(same && apart, "stands twice for one process, or differs");
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn no_process_can_have_more_series_than_its_bound_whatever_happens() {
    let kinds = counted_kinds(&duties::roster());
    for exporter in Exporter::ALL {
        let most = bound(exporter, &kinds, &Queue::ALL);
        println!("{}: at most {most} series", exporter.as_str());
        assert!(most <= SERIES_MAX, "{}: {most}", exporter.as_str());
        if exporter == Exporter::Worker {
            for queue in Queue::ALL {
                let most = bound(exporter, &kinds, &[queue]);
                println!("worker of {}: at most {most} series", queue.as_str());
            }
        }
    }
}

fn page() -> String {
    let mut page = "# Every metric\n\n\
        Printed from `crates/metering/src/catalogue` by `tests/it/metrics.rs`, which keeps this page equal to it; \
        `UPDATE_DOCS=1` rewrites it.\n\n\
        Every label is a closed set; `instance` and the like are the scrape's. Histograms have buckets up to 60 s.\n\
        *From*: `start` is there as 0 from the start, for every set of labels, so that an absent series means an absent \
        process; `known` is there once its value is known; `census` is counted in the database by the leading scheduler \
        every 15 s and told by it alone, while it leads: no rule or query needs to choose between schedulers. Shares of \
        caps and `relink_audit_unpaired` go through the fleet in ranges of 4,096 accounts, one in 15 s and, \
        where nothing was written, one in four minutes. What nobody wrote to is not counted again; accounts of a fleet \
        of more than 500,000 are counted once in 30 s, of more than a million once in 45 s or 60 s. \
        What says *by the database's clock* is this machine's in production.\n\n"
        .to_owned();
    writeln!(
        page,
        "No process can have more than {SERIES_MAX} series; a test counts them for each."
    )
    .expect("write");
    page.push_str("\n| metric | kind | unit | labels | told by | from | says |\n|---|---|---|---|---|---|---|\n");
    for metric in all() {
        let labels: Vec<String> = metric
            .labels
            .iter()
            .map(|it| format!("`{}`", it.name))
            .collect();
        let by: Vec<&str> = metric.by.iter().map(|by| by.as_str()).collect();
        let queue = metric
            .queue
            .map_or(String::new(), |queue| format!(" of {}", queue.as_str()));
        let from = match metric.start {
            Start::Zero => "start",
            Start::Known => "known",
            Start::Census => "census",
        };
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {}{queue} | {from} | {} |",
            metric.name,
            metric.kind.as_str(),
            metric.unit(),
            labels.join(", "),
            by.join(", "),
            metric.help
        )
        .expect("write to a string");
    }
    page.push_str("\n## Values of labels\n\n`queue`, `kind` and `schedule` are those of [jobs.md](jobs.md); a job's kind has one queue.\n\n");
    page.push_str("| label | of | values |\n|---|---|---|\n");
    for ((label, values), metrics) in labels() {
        writeln!(page, "| `{label}` | {metrics} | {values} |").expect("write to a string");
    }
    page
}

/// Labels with their values, and the metrics that have them.
fn labels() -> BTreeMap<(&'static str, String), String> {
    let mut found: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for metric in all() {
        for label in metric.labels {
            let values = match label.values {
                Values::Words(_) | Values::Of(_) | Values::Codes | Values::Classes => {
                    let words = label.values.list(&[]);
                    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                    words.join(" ")
                }
                Values::Build => "one for each build".to_owned(),
                Values::Duties => "schedules, and `confirm.poll`".to_owned(),
                Values::Queues | Values::Kinds | Values::Schedules => continue,
            };
            found
                .entry((label.name, values))
                .or_default()
                .push(format!("`{}`", metric.name));
        }
    }
    let joined = found.into_iter().map(|(key, mut metrics)| {
        metrics.dedup();
        (key, metrics.join(", "))
    });
    joined.collect()
}

/// Every set of labels that `exporter` makes at its start or in its census.
pub(crate) fn expected(
    exporter: Exporter,
    start: Start,
) -> BTreeSet<(String, tests::scraped::Labels)> {
    let kinds = counted_kinds(&duties::roster());
    let own = all().filter(|metric| metric.by.contains(&exporter) && metric.start == start);
    own.flat_map(|metric| {
        let sets = sets(metric, &kinds, &Queue::ALL).into_iter();
        sets.map(|set| {
            let labels = set
                .into_iter()
                .map(|(label, value)| (label.to_owned(), value.to_owned()));
            (metric.name.to_owned(), labels.collect())
        })
    })
    .collect()
}
