//! `--drain`: waiting until nothing of the scope runs.

use super::Ground;
use tests::rig::PATIENCE;
use tests::roster::{Act, DECIDE, SWEEP};

#[tokio::test]
async fn r_q_1_draining_waits_for_sets_and_leases_and_nothing_of_the_scope_runs_after_it() {
    let mut ground = Ground::shared().await;
    // A set of 50 takes a second and a half; a lease most of one.
    ground.rig.ask(SWEEP, Act::Slow { for_ms: 30 }, 400).await;
    ground.rig.ask(DECIDE, Act::Slow { for_ms: 700 }, 200).await;
    ground.rig.set("WORKER_PREFETCH", &2);
    ground.rig.scheduler();
    ground.rig.worker(&["sweeps", "watches"]);
    ground
        .rig
        .until("leases", PATIENCE, |it| 5 <= it.leased)
        .await;
    let sets = "select count(*) from pg_locks where locktype = 'advisory' and classid = 7266 and objsubid = 2
                   and database = (select oid from pg_database where datname = current_database())";
    ground.rig.until_count(sets, PATIENCE, |it| 0 < it).await;
    let answer = ground
        .desk
        .runs(&[
            "pause",
            "everything",
            "--drain",
            "--timeout",
            "30s",
            "--reason",
            "drain",
        ])
        .await;
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(
        answer.out.contains("drained: nothing of it runs"),
        "{answer:?}"
    );
    let drained = ground.rig.tally().await;
    assert_eq!(drained.leased, 0, "{drained:?}");
    assert!(0 < drained.done && 0 < drained.waiting, "{drained:?}");
    // Two rounds of the relay later.
    let mut rounds = tokio::time::interval(std::time::Duration::from_millis(1_100));
    for _ in 0..3 {
        rounds.tick().await;
    }
    assert_eq!(ground.rig.tally().await, drained, "something ran after it");
    ground.desk.does(&["resume", "everything"]).await;
    ground.rig.done(600, PATIENCE).await;
    println!(
        "drained with {} done and {} waiting; then all 600 done once",
        drained.done, drained.waiting
    );
}

#[tokio::test]
async fn r_q_1_draining_that_does_not_end_in_time_says_what_runs_and_the_pause_holds() {
    let mut ground = Ground::shared().await;
    ground.rig.ask(DECIDE, Act::Effect, 1).await;
    let jobs = ground.due(DECIDE.queue).await;
    ground.lease(&jobs, "worker:gone").await;
    let arguments = [
        "pause",
        "queue",
        "watches",
        "--drain",
        "--timeout",
        "1s",
        "--reason",
        "drain",
    ];
    let answer = ground.desk.runs(&arguments).await;
    assert_eq!(answer.code, Some(1), "{answer:?}");
    let named = format!("1 jobs are leased (test.decide {} at worker:gone)", jobs[0]);
    assert!(answer.out.contains(&named), "{answer:?}");
    assert_eq!(
        ground
            .rig
            .count("select count(*) from relink.pauses where lifted_at is null")
            .await,
        1
    );
    // What runs elsewhere is not waited for.
    let arguments = [
        "pause",
        "queue",
        "sweeps",
        "--drain",
        "--timeout",
        "1s",
        "--reason",
        "drain",
    ];
    assert_eq!(ground.desk.runs(&arguments).await.code, Some(0));
}
