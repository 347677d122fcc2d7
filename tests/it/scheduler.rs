//! R-WAT-1, R-WAT-2: each tick once, missed ones collapsed, overlapping ones skipped, stale leaders fenced.

mod apart;
mod clock;
mod death;

use crate::FIXTURE;
use jiff::Timestamp;
use std::time::Duration;
use store::StoreError;
use store::clock::{TestClock, install};
use tests::database::SUPERUSER;
use tests::rig::{PATIENCE, Pid, Rig};
use tests::roster::{Act, SWEEP};
use uuid::Uuid;

/// Ticks of [`tests::roster::TICK`] that were enqueued.
const TICKS: &str = "select count(*) from relink.jobs where kind = 'test.tick'";
/// Minutes between the first tick and the last, and so ticks that there should be beside the first.
const MINUTES: &str = "select coalesce(extract(epoch from max(run_at) - min(run_at))::bigint / 60, 0) from relink.jobs where kind = 'test.tick'";

/// A minute a second, beginning in the middle of a minute.
async fn hasten(rig: &Rig) {
    let from: Timestamp = "2026-03-01T10:00:30Z".parse().expect("an instant");
    install(
        &rig.site.database(SUPERUSER),
        TestClock::Scaled { from, rate: 60.0 },
    )
    .await
    .expect("hasten the clock");
}

async fn hastened() -> Rig {
    let mut rig = Rig::shared(FIXTURE).await;
    hasten(&rig).await;
    rig.set("TEST_SCHEDULES", &true);
    rig.set("SCHEDULER_LEASE_SECONDS", &1);
    rig.set("RESCUE_SECONDS", &1);
    rig
}

#[tokio::test]
async fn fault_r_wat_2_killed_schedulers_are_taken_over_from_and_each_tick_is_enqueued_once() {
    const KILLS: i64 = 4;
    let mut rig = hastened().await;
    rig.worker(&["confirmations"]);
    let mut pair: Vec<Pid> = vec![rig.scheduler(), rig.scheduler()];
    for round in 1..=KILLS {
        rig.until_count(TICKS, PATIENCE, |it| 3 * round <= it).await;
        let leader = leading(&mut rig, &pair).await;
        rig.process(pair[leader]).kill9().await;
        pair[leader] = rig.scheduler();
        let before = rig.count("select epoch from relink.scheduler_lease").await;
        rig.until_count("select epoch from relink.scheduler_lease", PATIENCE, |it| {
            before < it
        })
        .await;
    }
    let wanted = 3 * (KILLS + 1);
    let ticks = rig.until_count(TICKS, PATIENCE, |it| wanted <= it).await;
    let doubled = rig
        .count("select count(*) from (select run_at from relink.jobs where kind = 'test.tick' group by run_at having count(*) > 1) d")
        .await;
    let missed = rig
        .count("select missed + skipped from relink.schedules where name = 'test.tick'")
        .await;
    let minutes = rig.count(MINUTES).await;
    // While a scheduler rings: a tick enqueued in its last moment waits for the next one.
    let tally = rig
        .until("all ticks done", PATIENCE, |it| it.waiting + it.leased == 0)
        .await;
    for pid in pair {
        rig.process(pid).terminate();
        rig.process(pid).ended(Duration::from_secs(10)).await;
    }
    println!(
        "kill -9 of the leading scheduler x {KILLS}, two at once: ticks {ticks}, twice {doubled}, collapsed or skipped {missed} of {} minutes, effects twice {}",
        minutes + 1,
        tally.twice
    );
    assert_eq!((doubled, tally.twice, tally.dead), (0, 0, 0));
    // Each minute was a tick, or was counted as collapsed into one or skipped.
    let ticks = rig.count(TICKS).await;
    let missed = rig
        .count("select missed + skipped from relink.schedules where name = 'test.tick'")
        .await;
    assert_eq!(ticks + missed, rig.count(
        "select extract(epoch from s.last_slot - (select min(run_at) from relink.jobs where kind = 'test.tick'))::bigint / 60 + 1
           from relink.schedules s where name = 'test.tick'").await);
}

/// Which of the schedulers leads, by its log.
async fn leading(rig: &mut Rig, pair: &[Pid]) -> usize {
    let epoch = rig.count("select epoch from relink.scheduler_lease").await;
    let says = format!("epoch={epoch}");
    let found = pair
        .iter()
        .position(|pid| rig.process(*pid).log().contains(&says));
    found.unwrap_or(0)
}

#[tokio::test]
async fn r_wat_2_a_scheduler_that_stops_in_good_order_is_taken_over_from_at_once() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("SCHEDULER_LEASE_SECONDS", &12);
    let first = rig.scheduler();
    rig.until_count("select epoch from relink.scheduler_lease", PATIENCE, |it| {
        it == 1
    })
    .await;
    rig.scheduler();
    rig.process(first).terminate();
    assert_eq!(
        rig.process(first)
            .ended(Duration::from_secs(10))
            .await
            .code(),
        Some(0)
    );
    rig.until_count(
        "select epoch from relink.scheduler_lease",
        Duration::from_secs(6),
        |it| it == 2,
    )
    .await;
    rig.ask(SWEEP, Act::Effect, 10).await;
    rig.worker(&["sweeps"]);
    rig.done(10, PATIENCE).await;
}

#[tokio::test]
async fn r_wat_2_a_stale_leader_enqueues_nothing() {
    let mut rig = Rig::shared(FIXTURE).await;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let lead = async |rig: &Rig, holder, lease| {
        let tx = rig.store.begin().await.expect("begin");
        let led = tx
            .take_lease(holder, lease, None)
            .await
            .expect("ask for the lease");
        tx.finish().await.expect("commit");
        led.leadership()
    };
    let stale = lead(&rig, first, Duration::ZERO)
        .await
        .expect("nobody leads");
    let fresh =
        tests::eventually::eventually("a takeover", PATIENCE, || lead(&rig, second, PATIENCE))
            .await;
    assert!(stale.epoch < fresh.epoch);
    assert_eq!(lead(&rig, first, PATIENCE).await, None, "two lead at once");
    let run_at = rig.now().await;
    for (leadership, enqueued) in [(stale, 0), (fresh, 1)] {
        let job = [rig.job(SWEEP, Act::Effect, run_at)];
        let tx = rig.store.begin().await.expect("begin");
        match tx.fence(leadership).await {
            Ok(()) => {
                tx.enqueue(&job, None, None).await.expect("enqueue");
                tx.finish().await.expect("commit");
            }
            Err(StoreError::Superseded { .. }) => tx.abandon().await,
            Err(other) => panic!("{other}"),
        }
        assert_eq!(
            rig.count("select count(*) from relink.jobs").await,
            enqueued
        );
    }
    println!("a stale epoch's enqueue: 0 rows; the leader's: 1");
}

#[tokio::test]
async fn r_wat_2_missed_ticks_collapse_into_one() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("TEST_SCHEDULES", &true);
    let first = rig.scheduler();
    rig.until_count(TICKS, PATIENCE, |it| it == 1).await;
    rig.process(first).terminate();
    rig.process(first).ended(PATIENCE).await;
    rig.worker(&["confirmations"]);
    // An hour and a quarter without a scheduler.
    let early = rig.count(TICKS).await;
    install(
        &rig.site.database(SUPERUSER),
        TestClock::Stepped { ahead_s: 75 * 60 },
    )
    .await
    .expect("step the clock");
    rig.sql("update relink.jobs set state = 'done'").await;
    rig.scheduler();
    rig.until_count(TICKS, PATIENCE, |it| it == early + 1).await;
    let missed = rig
        .count("select missed from relink.schedules where name = 'test.tick'")
        .await;
    assert!((73..=75).contains(&missed), "{missed}");
    println!("75 minutes without a scheduler: ticks enqueued after it 1, collapsed {missed}");
}

#[tokio::test]
async fn r_wat_2_a_tick_over_an_unfinished_run_is_skipped_counted_and_alerted_after_three() {
    let mut rig = hastened().await;
    // Nobody works: the first run stays unfinished.
    rig.scheduler();
    let alerted = "select count(*) from relink.admin_alerts where code = 'schedule_skipped' and subject = 'test.tick'";
    let skipped = "select skipped from relink.schedules where name = 'test.tick'";
    rig.until_count(skipped, PATIENCE, |it| 1 <= it).await;
    rig.until_count(alerted, PATIENCE, |it| it == 1).await;
    let detail = rig.count("select least(3, (detail->>'skips')::bigint) from relink.admin_alerts where subject = 'test.tick'").await;
    assert_eq!(detail, 3, "alerted before the third skip");
    assert_eq!(rig.count(TICKS).await, 1, "an overlapping run was enqueued");
    let before = rig.count(skipped).await;
    rig.worker(&["confirmations"]);
    rig.until_count(TICKS, PATIENCE, |it| 3 <= it).await;
    assert_eq!(
        rig.count("select skips::bigint from relink.schedules where name = 'test.tick'")
            .await,
        0
    );
    println!(
        "ticks over an unfinished run: enqueued 1, skipped {before}, alert 1; finished, it ticks again"
    );
}

#[tokio::test]
async fn r_q_5_a_run_that_a_pause_holds_back_is_nobodys_trouble() {
    let mut rig = hastened().await;
    let pause = "insert into relink.pauses (id, scope, target, mode, paused_by, why)
                 values (gen_random_uuid(), 'kind', 'test.tick', 'hold', 'test', 'a test')";
    rig.sql(pause).await;
    rig.scheduler();
    rig.worker(&["confirmations"]);
    let skipped = "select skipped from relink.schedules where name = 'test.tick'";
    rig.until_count(skipped, PATIENCE, |it| 5 <= it).await;
    let alerted = "select count(*) from relink.admin_alerts where code = 'schedule_skipped' and subject = 'test.tick'";
    assert_eq!(
        rig.count(alerted).await,
        0,
        "waiting behind a pause was taken for hung"
    );
}

#[tokio::test]
async fn r_wat_1_a_sharded_tick_covers_every_shard_once() {
    let mut rig = hastened().await;
    rig.scheduler();
    rig.worker(&["confirmations"]);
    let scans = "select count(*) from relink.jobs where kind = 'test.scan' and state = 'done'";
    rig.until_count(scans, PATIENCE, |it| 2 <= it).await;
    let holes = "select count(*) from (
        select run_at, sum((payload->'shards'->>'last')::int - (payload->'shards'->>'first')::int + 1) as covered
          from relink.jobs where kind = 'test.scan' group by run_at) t where covered <> 256";
    assert_eq!(rig.count(holes).await, 0);
}
