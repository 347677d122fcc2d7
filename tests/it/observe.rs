//! What operators see: dashboards, alerts and runbooks agree with each other, with the catalogue of metrics, and with
//! what a running fleet tells.

mod alerts;
mod dashboards;
mod files;
mod live;
mod queries;
mod runbooks;

use fleet::counted_kinds;
use metering::SECONDS;
use metering::catalogue::{Kind, Metric, all};
use std::collections::BTreeSet;
use tests::promql::{groupings, selectors, shown};

/// Labels that a scrape, a histogram, or Prometheus' own series add.
const FOREIGN: &[&str] = &["job", "instance", "le", "alertname", "severity"];

/// The metrics that a series of this name belongs to: two where processes give a label other values.
fn metrics_of(series: &str) -> Vec<&'static Metric> {
    let of = |metric: &&Metric| {
        let end = series.strip_prefix(metric.name);
        match metric.kind {
            Kind::Histogram => matches!(end, Some("_bucket" | "_sum" | "_count")),
            Kind::Counter | Kind::Gauge => end == Some(""),
        }
    };
    all().filter(of).collect()
}

/// What a query names that the catalogue does not know: metrics, labels, values of labels.
fn unknown(query: &str, sentences: &[&str]) -> Vec<String> {
    let kinds = counted_kinds(&duties::roster());
    let mut wrong = vec![];
    let mut labels: BTreeSet<&str> = FOREIGN.iter().copied().collect();
    for selector in selectors(query) {
        if selector.metric == "up" {
            continue;
        }
        let metrics = metrics_of(&selector.metric);
        if metrics.is_empty() {
            wrong.push(format!("no metric {}", selector.metric));
        }
        let own = || metrics.iter().flat_map(|metric| metric.labels);
        labels.extend(own().map(|label| label.name));
        for (label, value) in &selector.matchers {
            let values: Vec<&str> = own()
                .filter(|it| it.name == label)
                .flat_map(|it| it.values.list(&kinds))
                .collect();
            let is_known = match value.strip_suffix(".*") {
                _ if label == "le" => SECONDS.iter().any(|end| end.to_string() == *value),
                Some(start) => values.iter().any(|it| it.starts_with(start)),
                None => values.contains(&value.as_str()),
            };
            if !is_known {
                wrong.push(format!("{} has no {label} {value}", selector.metric));
            }
        }
    }
    let named = groupings(query)
        .into_iter()
        .chain(sentences.iter().flat_map(|it| shown(it)));
    let foreign = named.filter(|label| !labels.contains(label.as_str()));
    wrong.extend(foreign.map(|label| format!("no label {label}")));
    wrong
}
