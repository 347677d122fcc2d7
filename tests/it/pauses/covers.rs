//! What a pause covers, written once, and who asks.

use super::Ground;
use policy::jobs::Queue;
use std::time::Duration;
use store::jobs::{Failure, FailureKind};
use store::pauses::PauseScope;
use tests::eventually::eventually;
use tests::rig::PATIENCE;
use tests::roster::{Act, DECIDE, SWEEP};

/// The queries that ask what is paused for each job.
const ASKERS: [(&str, &str); 5] = [
    ("jobs/paused", "'{}', relink.clock()"),
    ("jobs/suspect", "'{}', 'sweeps', relink.clock()"),
    (
        "jobs/claim_closing",
        "'{}', 'test.sweep', 1, relink.clock()",
    ),
    (
        "jobs/claim_closing_free",
        "'{}', 'test.sweep', 1, relink.clock()",
    ),
    (
        "jobs/claim_leasing",
        "'{}', 'test.sweep', 1, relink.clock(), relink.clock(), 'a test'",
    ),
];

#[tokio::test]
async fn r_q_1_what_is_covered_stands_in_one_function_that_costs_what_a_where_clause_costs() {
    let ground = Ground::shared().await;
    for (name, arguments) in ASKERS {
        let path = format!(
            "{}/../crates/store/sql/{name}.sql",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).expect("the query");
        assert!(
            text.contains("relink.pauses_over("),
            "{name} has a rule of its own"
        );
        assert!(
            !text.contains("relink.pauses p"),
            "{name} has a rule of its own"
        );
        let plain = name.replace('/', "_");
        let plans = ["force_custom_plan", "force_generic_plan"];
        ground.rig.sql(&format!("prepare {plain} as {text}")).await;
        for mode in plans {
            ground
                .rig
                .sql(&format!("set plan_cache_mode = {mode}"))
                .await;
            let rows = ground
                .rig
                .owner
                .query(
                    &format!("explain (verbose) execute {plain}({arguments})"),
                    &[],
                )
                .await;
            let lines: Vec<String> = rows.expect("a plan").iter().map(|row| row.get(0)).collect();
            let shown = lines.join("\n");
            assert!(shown.contains("relink.pauses"), "{name}: {shown}");
            assert!(
                !shown.contains("Function Scan on relink"),
                "{name} calls it for every row: {shown}"
            );
            assert!(
                !shown.contains("pauses_over("),
                "{name} calls it for every row: {shown}"
            );
        }
    }
    println!(
        "{} queries ask relink.pauses_over, and none calls it: it is written into their plans",
        ASKERS.len()
    );
}

#[tokio::test]
async fn r_q_1_drain_lets_what_has_started_go_on_and_hold_does_not() {
    let mut ground = Ground::shared().await;
    ground.rig.ask(DECIDE, Act::Effect, 4).await;
    let all = ground.due(Queue::Watches).await;
    assert_eq!(all.len(), 4);
    // One failed and one was handed back; both have started.
    let started = ground.lease(&all[..2], "worker:one").await;
    let tx = ground.worker.begin().await.expect("begin");
    let retry_at = Some(tx.now().at);
    let job = policy::ids::JobId(started[0]);
    let failure = Failure {
        job,
        attempt: 1,
        kind: FailureKind::Transient,
        error: "away",
        retry_at,
        worker: "worker:one",
    };
    assert!(tx.fail(&failure).await.expect("fail"));
    assert_eq!(
        tx.hand_back_of("worker:one").await.expect("hand back"),
        started[1..]
    );
    tx.finish().await.expect("commit");

    ground
        .desk
        .does(&["pause", "queue", "watches", "--mode", "drain"])
        .await;
    let mut due = ground.due(Queue::Watches).await;
    due.sort();
    let mut expected = started.clone();
    expected.sort();
    assert_eq!(due, expected, "drain: only what has started is rung for");
    assert_eq!(
        ground.lease(&all, "worker:two").await.len(),
        2,
        "drain: only what has started is leased"
    );
    ground.rig.sql("update relink.jobs set state = 'waiting', leased_by = null, leased_until = null where state = 'leased'").await;

    ground.desk.does(&["resume", "queue", "watches"]).await;
    ground
        .desk
        .does(&["pause", "queue", "watches", "--mode", "hold"])
        .await;
    assert_eq!(ground.due(Queue::Watches).await.len(), 0);
    assert_eq!(ground.lease(&all, "worker:three").await.len(), 0);
    println!("of 4 jobs 2 have started: drain lets 2 go on, hold 0");
}

#[tokio::test]
async fn r_q_1_a_paused_queue_reports_no_work_to_the_autoscaler_and_the_relay_wakes_when_it_ends() {
    let mut ground = Ground::shared().await;
    let reader = ground.rig.site.database_url("relink_reader");
    let reader = tests::database::connect(&reader).await;
    let age = || async {
        let row = reader
            .query_one("select relink.autoscaler_age('sweeps')", &[])
            .await;
        row.expect("the age").get::<_, f64>(0)
    };
    assert!(age().await.abs() < f64::EPSILON, "no work");
    let run_at = ground.rig.now().await - Duration::from_secs(90);
    let jobs = [
        ground.rig.job(SWEEP, Act::Effect, run_at),
        ground
            .rig
            .job(SWEEP, Act::Effect, run_at + Duration::from_hours(1)),
    ];
    ground.rig.enqueue(&jobs).await;
    let waited = age().await;
    assert!((90.0..150.0).contains(&waited), "{waited}");
    ground.desk.does(&["pause", "queue", "watches"]).await;
    assert!(age().await >= waited, "another queue's pause");
    ground
        .desk
        .does(&["pause", "queue", "sweeps", "--for", "2s"])
        .await;
    assert!(age().await.abs() < f64::EPSILON, "paused");
    let tx = ground.rig.store.begin().await.expect("begin");
    let (now, holds) = (tx.now().at, tx.holds().await.expect("the pauses"));
    tx.abandon().await;
    let next = holds
        .changes_at
        .expect("an end")
        .duration_since(now)
        .as_secs_f64();
    assert!(
        (0.0..=2.0).contains(&next),
        "the relay looks again in {next} s"
    );
    eventually("its end", PATIENCE, || async {
        (age().await > 90.0).then_some(())
    })
    .await;
    ground.pause(PauseScope::Everything).await;
    assert!(age().await.abs() < f64::EPSILON, "everything is paused");
    println!(
        "autoscaler_age: {waited:.0} s, 0 while paused; the relay wakes by itself after {next:.1} s"
    );
}
