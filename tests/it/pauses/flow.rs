//! The proof: a pause in the middle of a flood, over restarts and a new broker; and how fast it takes hold.

use super::Ground;
use crate::FIXTURE;
use jiff::Timestamp;
use operations::drain::drained;
use operations::pauses::Resume;
use std::time::Duration;
use store::pauses::{PauseScope, PauseSelector};
use tests::rig::{Pid, Rig};
use tests::roster::{Act, DECIDE, SWEEP};
use tests::size::is_full;

const LONG: Duration = Duration::from_mins(3);

async fn clock(ground: &Ground) -> Timestamp {
    let row = ground
        .rig
        .owner
        .query_one("select clock_timestamp()", &[])
        .await;
    row.expect("the clock").get(0)
}

async fn started_since(ground: &Ground, since: Timestamp) -> i64 {
    let sql = "select count(*) from relink.jobs where claimed_at > $1";
    let row = ground.rig.owner.query_one(sql, &[&since]).await;
    row.expect("count").get(0)
}

fn fleet(rig: &mut Rig) -> Vec<Pid> {
    // A set has five seconds, and all of them share this machine.
    rig.set("WORKER_PREFETCH", &2);
    let mut all = vec![rig.scheduler()];
    all.extend((0..4).map(|_| rig.worker(&["sweeps", "watches"])));
    all
}

#[tokio::test]
async fn fault_r_q_1_a_pause_in_a_flood_holds_over_restarts_and_a_new_broker_and_loses_nothing() {
    let jobs: usize = if is_full() { 50_000 } else { 6_000 };
    let count = i64::try_from(jobs).expect("a number");
    let mut ground = Ground::with(Rig::private(FIXTURE).await).await;
    ground.rig.ask(DECIDE, Act::Effect, jobs / 20).await;
    ground.rig.ask(SWEEP, Act::Effect, jobs - jobs / 20).await;
    let processes = fleet(&mut ground.rig);
    ground
        .rig
        .until("the flood", LONG, |it| count / 10 < it.done)
        .await;

    ground.pause(PauseScope::Everything).await;
    let since = clock(&ground).await;
    let waited = drained(&ground.operator, &PauseScope::Everything, LONG)
        .await
        .expect("a look");
    assert!(waited.is_drained(), "{}", waited.says());
    let held = ground.rig.tally().await;
    let begun = ground
        .rig
        .count("select count(*) from relink.jobs where 0 < claims and failures = 0")
        .await;
    assert_eq!(
        (held.done, held.leased),
        (begun, 0),
        "what had started is finished"
    );
    assert!(0 < held.waiting, "all was done before the pause");

    for process in processes {
        ground.rig.process(process).kill9().await;
    }
    ground
        .rig
        .site
        .servers()
        .rabbitmq
        .wipe_and_restart()
        .await
        .expect("a new RabbitMQ");
    fleet(&mut ground.rig);
    // Every new process has had its chance: a pause of nothing is seen through by the work that it does not cover.
    let mut rounds = tokio::time::interval(Duration::from_millis(1_100));
    for _ in 0..4 {
        rounds.tick().await;
    }
    let started = started_since(&ground, since).await;
    assert_eq!(
        (started, ground.rig.tally().await),
        (0, held),
        "started after the pause's commit"
    );

    let which = PauseSelector::Scope(PauseScope::Everything);
    ground.perform(&Resume { which, ramp: None }).await;
    let tally = ground.rig.done(count, LONG).await;
    println!(
        "{jobs} jobs, 4 workers: done before the pause {}, started after its commit {started} (also after all processes were \
         killed and the broker was wiped), held {}, after the resume done {}, effects twice {}, lost 0",
        held.done, held.waiting, tally.done, tally.twice
    );
}

#[tokio::test]
async fn r_q_1_a_pause_takes_hold_at_once_and_a_resume_too() {
    let rounds = if is_full() { 20 } else { 5 };
    let mut ground = Ground::shared().await;
    fleet(&mut ground.rig);
    let (mut holds, mut goes) = (vec![], vec![]);
    let mut asked = 0;
    for _ in 0..rounds {
        ground.rig.ask(SWEEP, Act::Slow { for_ms: 2 }, 2_000).await;
        ground.rig.ask(DECIDE, Act::Slow { for_ms: 5 }, 100).await;
        asked += 2_100;
        let before = ground.rig.tally().await.done;
        ground
            .rig
            .until("work flows", LONG, |it| before + 100 <= it.done)
            .await;
        // As an operator waits for it: from the command's start, the program's included.
        let began = clock(&ground).await;
        ground.desk.does(&["pause", "everything"]).await;
        let since = clock(&ground).await;
        let waited = drained(&ground.operator, &PauseScope::Everything, LONG)
            .await
            .expect("a look");
        assert!(waited.is_drained(), "{}", waited.says());
        assert_eq!(started_since(&ground, since).await, 0);
        assert!(
            0 < ground.rig.tally().await.waiting,
            "all was done before the pause"
        );
        let last = ground
            .rig
            .owner
            .query_one("select max(claimed_at) from relink.jobs", &[])
            .await;
        let last: Timestamp = last.expect("the last start").get(0);
        holds.push(last.duration_since(began).as_millis());

        let resumed = clock(&ground).await;
        ground.desk.does(&["resume", "everything"]).await;
        ground
            .rig
            .until_count(
                &format!("select count(*) from relink.jobs where claimed_at > '{resumed}'"),
                LONG,
                |it| 0 < it,
            )
            .await;
        let sql = "select min(claimed_at) from relink.jobs where claimed_at > $1";
        let first = ground.rig.owner.query_one(sql, &[&resumed]).await;
        let first: Timestamp = first.expect("the first start").get(0);
        goes.push(first.duration_since(resumed).as_millis());
    }
    ground.rig.done(asked, LONG).await;
    holds.sort_unstable();
    goes.sort_unstable();
    println!(
        "from the pause command to the last start, {rounds} times: median {} ms, longest {} ms; from the resume command to the \
         first start: median {} ms, longest {} ms",
        holds[holds.len() / 2],
        holds[holds.len() - 1],
        goes[goes.len() / 2],
        goes[goes.len() - 1]
    );
    assert!(holds[holds.len() / 2] < 2_000, "{holds:?}");
    // Each of them: what a worker found paused is not waited for, however short the pause was.
    assert!(goes[goes.len() - 1] < 10_000, "{goes:?}");
}
