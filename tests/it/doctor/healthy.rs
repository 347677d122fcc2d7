//! A healthy fleet, and one of which nothing is known.

use super::patient::{Patient, examine, text};
use super::ward::silent;
use policy::jobs::Queue;
use std::collections::BTreeMap;
use std::time::Duration;
use tests::eventually::eventually;
use tests::process::Process;

#[tokio::test]
async fn a_healthy_fleet_is_well_and_the_doctor_leaves_no_trace() {
    let patient = Patient::fresh().await;
    let queues = Queue::ALL.map(Queue::as_str);
    let _scheduler = Process::relink(
        "scheduler",
        &["scheduler"],
        &patient.process("relink_scheduler"),
    );
    let worker = [&["worker"], &queues[..]].concat();
    let _worker = Process::relink("worker", &worker, &patient.process("relink_worker"));
    let report = eventually("a healthy fleet", Duration::from_secs(40), || async {
        let report = examine(&patient.settings).await;
        let is_settled = report.code == Some(0)
            && report.in_state("warn").is_empty()
            && report.in_state("not_asked").is_empty();
        is_settled.then_some(report)
    })
    .await;
    for finding in &report.findings {
        println!(
            "{:<10}{:<24}{}",
            text(finding, "state"),
            text(finding, "name"),
            text(finding, "saw")
        );
    }
    assert_eq!(report.in_state("not_asked"), [] as [String; 0]);
    assert!(report.findings.len() >= 20, "{}", report.text);
    silent(&patient, &report);
    let used = "select count(*) from relink.token_uses";
    let owner = patient.site.owner().await;
    let used: i64 = owner.query_one(used, &[]).await.expect("count").get(0);
    assert_eq!(used, 0, "that the token was tried is not noted");
}

#[tokio::test]
async fn the_doctor_says_what_it_could_not_ask() {
    let report = examine(&BTreeMap::new()).await;
    assert_eq!(report.code, Some(0), "{}", report.text);
    let skipped = report.in_state("not_asked").join("\n");
    for name in [
        "RELINK_DATABASE_URL",
        "RELINK_AMQP_URL",
        "RELINK_PROVIDER_URL",
    ] {
        assert!(skipped.contains(name), "{skipped}");
    }
}
