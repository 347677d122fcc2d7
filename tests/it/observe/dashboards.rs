//! Dashboards: made from data, whole, and of nothing that no process tells.

use super::files::{boards, panels};
use super::{metrics_of, unknown};
use metering::catalogue::all;
use std::collections::BTreeSet;
use std::process::Command;
use tests::prometheus::repository;
use tests::promql::selectors;

/// Metrics that stand on no panel, with the reason.
const ON_NO_PANEL: &[(&str, &str)] = &[];

#[test]
fn the_dashboards_are_what_their_data_make() {
    let checked = Command::new(repository().join("deploy/grafana/build"))
        .arg("--check")
        .output()
        .expect("run deploy/grafana/build");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}");
}

#[test]
fn every_panel_says_what_it_shows_and_asks_only_for_what_is_told() {
    let mut wrong = vec![];
    let mut names = BTreeSet::new();
    for panel in panels() {
        let name = &panel.name;
        let description = panel.json["description"].as_str().unwrap_or("");
        if description.len() < 10 || !description.ends_with('.') {
            wrong.push(format!("{name}: its description"));
        }
        if !panel.json["fieldConfig"]["defaults"]["unit"].is_string() {
            wrong.push(format!("{name}: no unit"));
        }
        if !names.insert(name.clone()) || panel.queries.is_empty() {
            wrong.push(format!("{name}: stands twice, or asks nothing"));
        }
        let targets = panel.json["targets"].as_array().expect("targets");
        if targets
            .iter()
            .any(|it| it["datasource"]["uid"] != "${datasource}")
        {
            wrong.push(format!("{name}: its source is not the variable"));
        }
        for (query, legend) in &panel.queries {
            if legend.is_empty() {
                wrong.push(format!("{name}: no legend for {query}"));
            }
            let found = unknown(query, &[legend]);
            wrong.extend(found.iter().map(|it| format!("{name}: {it}: {query}")));
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
    for board in boards() {
        let variable = &board["templating"]["list"][0];
        assert_eq!(variable["name"], "datasource");
        assert_eq!(variable["type"], "datasource");
        assert!(board["description"].is_string() && board["uid"].is_string());
    }
}

#[test]
fn every_metric_of_the_catalogue_stands_on_a_panel_or_says_why_not() {
    let queries = panels().into_iter().flat_map(|panel| panel.queries);
    let shown: BTreeSet<&str> = queries
        .flat_map(|(query, _)| selectors(&query))
        .flat_map(|selector| metrics_of(&selector.metric))
        .map(|metric| metric.name)
        .collect();
    let excused: BTreeSet<&str> = ON_NO_PANEL.iter().map(|it| it.0).collect();
    let known: BTreeSet<&str> = all().map(|metric| metric.name).collect();
    let nowhere: Vec<_> = known
        .iter()
        .filter(|name| !shown.contains(*name) && !excused.contains(*name))
        .collect();
    assert_eq!(nowhere, [] as [&&str; 0], "they stand on no panel");
    let needless: Vec<_> = excused
        .iter()
        .filter(|name| shown.contains(*name) || !known.contains(*name))
        .collect();
    assert_eq!(needless, [] as [&&str; 0], "they need no excuse");
    println!(
        "metrics {}, on a panel {}, excused {}",
        known.len(),
        shown.len(),
        excused.len()
    );
}
