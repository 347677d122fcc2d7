use super::{Applied, Count, Observation};
use std::time::Duration;

fn lost(n: u64) -> Applied {
    let mut applied = Applied {
        changed: n,
        ..Applied::default()
    };
    applied.count("relink_flips_total", &[("cause", "credentials")], n);
    applied
}

#[test]
fn counts_of_one_series_are_one_and_zero_is_none() {
    let mut applied = lost(2);
    applied.add(lost(3));
    applied.add(lost(0));
    applied.count("relink_flips_total", &[("cause", "verified")], 1);
    let series: Vec<_> = applied
        .counts
        .iter()
        .map(|it| (&it.labels[0].1, it.n))
        .collect();
    assert_eq!(series, [(&"credentials", 5), (&"verified", 1)]);
    assert_eq!(applied.changed, 5);
}

#[test]
fn parts_add_up_field_by_field() {
    let mut applied = Applied::default();
    let part = Applied {
        changed: 1,
        moved: 2,
        jobs: 3,
        counts: vec![Count {
            metric: "relink_holds_total",
            labels: vec![("reason", "operator")],
            n: 4,
        }],
        times: vec![Observation {
            metric: "relink_link_seconds",
            labels: vec![("by", "look"), ("since", "login")],
            took: Duration::from_secs(5),
        }],
    };
    applied.add(part.clone());
    assert_eq!(applied, part);
}
