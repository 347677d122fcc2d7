//! R-JOB-5: what a worker does not know it leaves for one that does, and says so after a quarter of an hour.

use crate::FIXTURE;
use store::clock::{TestClock, install};
use tests::database::SUPERUSER;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, Build, NEWER, SWEEP, VERSIONED};

#[tokio::test]
async fn r_job_5_unknown_kinds_and_versions_are_left_alerted_and_taken_by_a_worker_that_knows_them()
{
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RELAY_PATIENCE_SECONDS", &2);
    rig.set("RESCUE_SECONDS", &1);
    rig.build(Build::Older);
    rig.scheduler();
    let older = rig.worker(&["sweeps"]);
    rig.ask(NEWER, Act::Effect, 30).await;
    rig.ask(VERSIONED, Act::Effect, 30).await;
    let left = "select count(*) from relink.jobs where left_at is not null and state = 'waiting' and failures = 0";
    rig.until_count(left, PATIENCE, |it| it == 60).await;
    let alerts = "select count(*) from relink.admin_alerts where code = 'unknown_kind'";
    assert_eq!(rig.count(alerts).await, 0, "too early to alert");
    install(
        &rig.site.database(SUPERUSER),
        TestClock::Stepped { ahead_s: 14 * 60 },
    )
    .await
    .expect("step the clock");
    // Known work still flows past what is left.
    rig.ask(SWEEP, Act::Effect, 50).await;
    rig.done(50, PATIENCE).await;
    assert_eq!(rig.count(alerts).await, 0, "14 minutes are not yet 15");
    install(
        &rig.site.database(SUPERUSER),
        TestClock::Stepped {
            ahead_s: 15 * 60 + 30,
        },
    )
    .await
    .expect("step the clock");
    rig.until_count(alerts, PATIENCE, |it| it == 2).await;
    let dead = rig.tally().await.dead;
    rig.process(older).terminate();
    rig.build(Build::Newer);
    rig.worker(&["sweeps"]);
    let tally = rig.done(110, PATIENCE).await;
    println!(
        "unknown kind 30, unknown version 30: left 60, dead {dead}, alerts 2, then done {}",
        tally.done
    );
    assert_eq!(dead + tally.dead, 0);
}

#[tokio::test]
async fn r_job_5_a_pile_of_unknown_jobs_does_not_hold_up_known_ones_of_the_same_workspace() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.build(Build::Older);
    rig.ask(NEWER, Act::Effect, 3_000).await;
    rig.ask(SWEEP, Act::Effect, 100).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    let tally = rig.done(100, PATIENCE).await;
    println!(
        "behind 3000 jobs of an unknown kind: known done {}, left waiting {}",
        tally.done, tally.waiting
    );
    assert_eq!((tally.waiting, tally.dead), (3_000, 0));
}
