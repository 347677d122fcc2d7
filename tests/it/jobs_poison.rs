//! R-JOB-3: a poison message or job neither blocks its queue nor hurts its neighbours, and ends as a dead letter.

use crate::FIXTURE;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use std::time::Duration;
use store::StoreError;
use store::jobs::{Doorbell, Failure, FailureKind};
use tests::eventually::eventually;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use uuid::Uuid;

#[tokio::test]
async fn r_job_3_an_undecodable_message_lands_in_dead_with_an_alert_and_blocks_nothing() {
    let bodies: [&[u8]; 5] = [
        b"",
        b"\xff\xfe\x00",
        b"{\"v\":1}",
        b"{\"v\":99,\"bells\":[]}",
        b"[[[[",
    ];
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("WORKER_PREFETCH", &1);
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.ask(SWEEP, Act::Effect, 1).await;
    rig.done(1, PATIENCE).await;
    let (_connection, channel) = raw(&rig).await;
    for body in bodies {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let confirm = channel.basic_publish(
            "relink".into(),
            "sweeps".into(),
            options,
            body,
            BasicProperties::default(),
        );
        let confirmed = confirm.await.expect("publish").await.expect("a confirm");
        assert!(confirmed.is_ack() && confirmed.take_message().is_none());
    }
    rig.ask(SWEEP, Act::Effect, 50).await;
    rig.done(51, PATIENCE).await;
    let alerted = "select coalesce(sum(times), 0)::bigint from relink.admin_alerts
                    where code = 'undecodable_message' and subject = 'sweeps'";
    rig.until_count(alerted, PATIENCE, |it| it == 5).await;
    let dead = eventually("5 messages in the dead queue", PATIENCE, || async {
        let options = lapin::options::QueueDeclareOptions {
            passive: true,
            ..lapin::options::QueueDeclareOptions::default()
        };
        let queue =
            channel.queue_declare("dead".into(), options, lapin::types::FieldTable::default());
        let count = queue.await.expect("look at the dead queue").message_count();
        (count == 5).then_some(count)
    })
    .await;
    println!(
        "undecodable messages 5: dead queue {dead}, alert raised 5 times, jobs behind them done 50"
    );
}

async fn raw(rig: &Rig) -> (Connection, lapin::Channel) {
    let connection = Connection::connect(&rig.site.amqp_url(), ConnectionProperties::default())
        .await
        .expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .expect("confirms");
    (connection, channel)
}

#[tokio::test]
async fn r_job_3_a_panic_is_retried_with_backoff_then_dead_and_its_neighbours_are_unhurt() {
    for kind in [SWEEP, DECIDE] {
        let mut rig = Rig::shared(FIXTURE).await;
        let run_at = rig.now().await;
        let mut jobs: Vec<_> = (0..49)
            .map(|_| rig.job(kind, Act::Effect, run_at))
            .collect();
        jobs.insert(20, rig.job(kind, Act::Panic, run_at));
        jobs.push(rig.job(kind, Act::PanicOnce, run_at));
        rig.enqueue(&jobs).await;
        rig.scheduler();
        rig.worker(&["sweeps", "watches"]);
        let tally = rig
            .until("49 + 1 done and 1 dead", PATIENCE, |it| {
                it.done == 50 && it.dead == 1
            })
            .await;
        assert_eq!((tally.effects, tally.twice), (50, 0));
        let of_dead = "from relink.job_failures f join relink.jobs j on j.id = f.job_id where j.state = 'dead'";
        let history = rig
            .owner
            .query(
                &format!("select f.attempt, f.fault, f.error, f.retry_at > f.at as later, j.failures {of_dead} order by f.attempt"),
                &[],
            )
            .await
            .expect("read the history");
        assert_eq!(history.len(), 3, "{history:?}");
        for (row, later) in history.iter().zip([Some(true), Some(true), None]) {
            assert_eq!(row.get::<_, String>("fault"), "panicked");
            assert!(row.get::<_, String>("error").contains("asked to panic"));
            assert_eq!(row.get::<_, Option<bool>>("later"), later);
        }
        let alerts = "select count(*) from relink.admin_alerts a join relink.jobs j on a.subject = j.kind || ' panicked'
                       where a.code = 'dead_letter' and j.state = 'dead'";
        assert_eq!(rig.count(alerts).await, 1);
        let innocent =
            "select count(*) from relink.job_failures f join relink.jobs j on j.id = f.job_id
                         where j.payload->>'act' = 'effect'";
        assert_eq!(rig.count(innocent).await, 0, "a neighbour was blamed");
        println!(
            "panic in a batch of 51 ({}): attempts {}, dead {}, neighbours done {}, effects twice {}",
            kind.name,
            history.len(),
            tally.dead,
            tally.done,
            tally.twice
        );
    }
}

#[tokio::test]
async fn r_job_3_a_payload_that_its_kind_cannot_read_is_dead_at_once_and_alone() {
    let mut rig = Rig::shared(FIXTURE).await;
    let run_at = rig.now().await;
    let mut jobs: Vec<_> = (0..10)
        .map(|_| rig.job(SWEEP, Act::Effect, run_at))
        .collect();
    jobs[4].payload = serde_json::json!({ "act": "no such act" });
    rig.enqueue(&jobs).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.until("9 done, 1 dead", PATIENCE, |it| {
        it.done == 9 && it.dead == 1
    })
    .await;
    let faults =
        "select count(*) from relink.job_failures where fault = 'permanent' and retry_at is null";
    assert_eq!(rig.count(faults).await, 1);
    assert_eq!(
        rig.count("select count(*) from relink.job_failures").await,
        1
    );
}

#[tokio::test]
async fn r_job_3_a_run_past_its_limit_is_overdue_its_late_write_is_refused_and_its_slot_is_free() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("WORKER_PREFETCH", &1);
    rig.scheduler();
    rig.worker(&["watches"]);
    rig.ask(DECIDE, Act::HangOnce { for_ms: 10_000 }, 1).await;
    let overdue = "select count(*) from relink.job_failures where fault = 'overdue'";
    rig.until_count(overdue, PATIENCE, |it| it == 1).await;
    // The one slot is free while the first run still hangs.
    rig.ask(DECIDE, Act::Effect, 20).await;
    rig.done(21, PATIENCE).await;
    let late = "select count(*) from relink.admin_alerts where code = 'test_late'";
    assert_eq!(rig.count(late).await, 0, "the first run was to hang longer");
    rig.until_count(late, PATIENCE, |it| it == 1).await;
    // The late run now commits, or tries to; so do these, after it.
    rig.ask(DECIDE, Act::Effect, 20).await;
    let tally = rig.done(41, PATIENCE).await;
    assert_eq!((tally.dead, rig.count(overdue).await), (0, 1));
    println!(
        "a run hung past its limit: overdue 1, done {}, effects twice {}",
        tally.done, tally.twice
    );
}

#[tokio::test]
async fn r_job_3_a_superseded_attempt_can_neither_close_nor_fail_its_job() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.ask(DECIDE, Act::Effect, 1).await;
    let row = rig.owner.query_one("select id from relink.jobs", &[]).await;
    let jobs: [Uuid; 1] = [row.expect("the job").get("id")];
    let bell = Doorbell {
        kind: DECIDE.name,
        version_max: 1,
        jobs: &jobs,
    };
    let mut runs = Vec::new();
    for worker in ["first", "second"] {
        let tx = rig.store.begin().await.expect("begin");
        let claimed = tx
            .claim_leasing(&bell, worker, Duration::ZERO)
            .await
            .expect("claim");
        tx.finish().await.expect("commit");
        assert_eq!(claimed.len(), 1);
        runs.push(claimed[0].clone());
        if worker == "first" {
            eventually("a rescue", PATIENCE, || async {
                let tx = rig.store.begin().await.expect("begin");
                let rescued = tx
                    .rescue(&[], &[(DECIDE.name, 5)], 10)
                    .await
                    .expect("rescue");
                tx.finish().await.expect("commit");
                (rescued.again == 1).then_some(())
            })
            .await;
            rig.sql("update relink.jobs set run_at = relink.clock()")
                .await;
        }
    }
    let stale = (runs[0].id, runs[0].attempt);
    let tx = rig.store.begin().await.expect("begin");
    let closed = tx.close(&[stale]).await;
    assert!(
        matches!(closed, Err(StoreError::Superseded { .. })),
        "{closed:?}"
    );
    let failure = Failure {
        job: stale.0,
        attempt: stale.1,
        kind: FailureKind::Panicked,
        error: "too late",
        retry_at: None,
        worker: "first",
    };
    assert!(!tx.fail(&failure).await.expect("nothing to write"));
    tx.finish().await.expect("commit");
    let tx = rig.store.begin().await.expect("begin");
    tx.close(&[(runs[1].id, runs[1].attempt)])
        .await
        .expect("the newest attempt closes");
    tx.finish().await.expect("commit");
    assert_eq!(rig.tally().await.done, 1);
}
