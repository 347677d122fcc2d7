//! A healthy fleet, and one of which nothing is known.

use super::patient::{Patient, examine, run, text};
use super::ward::silent;
use policy::jobs::Queue;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;
use tests::eventually::eventually;
use tests::liar::Liar;
use tests::links::SECRETS_KEY;
use tests::process::Process;
use tokio::sync::Mutex;

#[tokio::test]
async fn a_healthy_fleet_is_well_and_the_doctor_leaves_no_trace() {
    let mut patient = Patient::fresh().await;
    let postbox = Liar::start().await;
    for (name, value) in [
        ("RELINK_SMTP_URL", postbox.url()),
        (
            "RELINK_MAIL_FROM",
            "Relink <notices@example.com>".to_owned(),
        ),
        ("RELINK_SECRETS_KEY", SECRETS_KEY.to_owned()),
    ] {
        patient.settings.insert(name.to_owned(), value);
    }
    let _api = reached(&mut patient).await;
    let queues = Queue::ALL.map(Queue::as_str);
    let _scheduler = Process::relink(
        "scheduler",
        &["scheduler"],
        &patient.process("relink_scheduler"),
    );
    let worker = [&["worker"], &queues[..]].concat();
    let _worker = Process::relink("worker", &worker, &patient.process("relink_worker"));
    // Each examination is a process that asks everything.
    let pace = Mutex::new(tokio::time::interval(Duration::from_secs(2)));
    let report = eventually("a healthy fleet", Duration::from_mins(2), || async {
        pace.lock().await.tick().await;
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

/// The API, with a links listener that the provider has the address of.
async fn reached(patient: &mut Patient) -> Process {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("its address").to_string();
    drop(port);
    for (name, value) in [
        ("RELINK_PUBLIC_URL", format!("http://{address}")),
        (
            "RELINK_WEBHOOK_SECRET",
            "webhook-secret-of-a-patient".to_owned(),
        ),
    ] {
        patient.settings.insert(name.to_owned(), value);
    }
    let anywhere = "127.0.0.1:0";
    let mut settings = patient.process("relink_operator");
    for (name, value) in [
        ("RELINK_API_PRODUCT_ADDRESS", anywhere),
        ("RELINK_API_OPS_ADDRESS", anywhere),
        ("RELINK_API_WEBHOOKS_ADDRESS", &address),
    ] {
        settings.push((name.to_owned(), value.to_owned()));
    }
    let api = Process::relink("api", &["api"], &settings);
    let ensure = ["webhooks", "ensure", "--reason", "a test"];
    let ended = run(&patient.settings, &ensure).await;
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    // The act's; what the doctor leaves is looked for.
    patient.sql("delete from relink.token_uses").await;
    api
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
        "RELINK_PUBLIC_URL",
    ] {
        assert!(skipped.contains(name), "{skipped}");
    }
}
